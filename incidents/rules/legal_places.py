"""What the codes of countries and their parts are called; a code without a name is its own."""

from collections.abc import Mapping

# fmt: off
NAMES: Mapping[str, str] = {
    "EU": "the European Union", "GLOBAL": "everywhere",
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia",
    "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
    "CL": "Chile", "CN": "China", "CO": "Colombia", "CY": "Cyprus", "CZ": "Czechia",
    "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EG": "Egypt", "ES": "Spain",
    "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "HK": "Hong Kong",
    "HR": "Croatia", "HU": "Hungary", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel",
    "IN": "India", "IS": "Iceland", "IT": "Italy", "JP": "Japan", "KE": "Kenya",
    "KR": "South Korea", "LI": "Liechtenstein", "LT": "Lithuania", "LU": "Luxembourg",
    "LV": "Latvia", "MT": "Malta", "MX": "Mexico", "MY": "Malaysia", "NG": "Nigeria",
    "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PH": "Philippines",
    "PL": "Poland", "PT": "Portugal", "QA": "Qatar", "RO": "Romania", "RS": "Serbia",
    "SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia",
    "TH": "Thailand", "TR": "Türkiye", "TW": "Taiwan", "UA": "Ukraine", "US": "United States",
    "VN": "Vietnam", "ZA": "South Africa",
    "CA-AB": "Alberta", "CA-BC": "British Columbia", "CA-ON": "Ontario", "CA-QC": "Quebec",
    "US-AK": "Alaska", "US-AL": "Alabama", "US-AR": "Arkansas", "US-AZ": "Arizona",
    "US-CA": "California", "US-CO": "Colorado", "US-CT": "Connecticut",
    "US-DC": "District of Columbia", "US-DE": "Delaware", "US-FL": "Florida",
    "US-GA": "Georgia (US)", "US-HI": "Hawaii", "US-IA": "Iowa", "US-ID": "Idaho",
    "US-IL": "Illinois", "US-IN": "Indiana", "US-KS": "Kansas", "US-KY": "Kentucky",
    "US-LA": "Louisiana", "US-MA": "Massachusetts", "US-MD": "Maryland", "US-ME": "Maine",
    "US-MI": "Michigan", "US-MN": "Minnesota", "US-MO": "Missouri", "US-MS": "Mississippi",
    "US-MT": "Montana", "US-NC": "North Carolina", "US-ND": "North Dakota",
    "US-NE": "Nebraska", "US-NH": "New Hampshire", "US-NJ": "New Jersey",
    "US-NM": "New Mexico", "US-NV": "Nevada", "US-NY": "New York", "US-OH": "Ohio",
    "US-OK": "Oklahoma", "US-OR": "Oregon", "US-PA": "Pennsylvania", "US-RI": "Rhode Island",
    "US-SC": "South Carolina", "US-SD": "South Dakota", "US-TN": "Tennessee",
    "US-TX": "Texas", "US-UT": "Utah", "US-VA": "Virginia", "US-VT": "Vermont",
    "US-WA": "Washington", "US-WI": "Wisconsin", "US-WV": "West Virginia", "US-WY": "Wyoming",
}
# fmt: on


def name(code: str) -> str:
    """What people call the place with this code."""
    return NAMES.get(code, code)
