"""The verbs with which activities of this field begin, in the imperative (R34)."""

_WRITTEN = """
    accept access acknowledge act activate add advance advise agree alert analyse analyze announce
    answer appoint approve archive ask assemble assess assign attend audit authorise authorize
    back be become begin block book brief bring build call cancel carry change check choose clarify
    classify clean clear close collect command commission communicate compile complete conduct
    confirm contact contain continue convene coordinate correct create cut debrief decide declare
    define delegate deliver deploy describe detect determine develop diagnose direct disable discuss
    dispatch distribute do document draft drive eliminate enable end engage ensure eradicate
    escalate establish estimate evaluate execute explain facilitate fail file find fix follow form
    freeze gather get give go grant handle hand have help hold identify implement improve inform
    initiate inspect interview investigate invite invoke isolate issue join judge keep know lead
    learn limit link list liaise log look maintain make manage map measure meet mitigate monitor
    move name negotiate note notify observe obtain offer open operate order organise organize own
    page participate pass patch pause perform pick plan post practise practice prepare present
    preserve prevent prioritise prioritize produce propose protect prove provide publish push put
    qualify quarantine query raise reach react read rebuild receive record recover reduce refer
    rehearse release relay relieve remediate remind remove repair replace report request require
    resolve respond restart restore resume retain return review revoke roll rotate run safeguard
    say schedule scale search secure select send separate serve set share shut sign speak spread
    stabilise stabilize staff stand start state stay stop submit summarise summarize supervise
    support suspend switch take talk tell test thank tidy time track train transfer translate
    treat triage try turn undo update uphold use validate verify view visit vote wait warn watch
    welcome withdraw work write
"""
VERBS = frozenset(_WRITTEN.split())
