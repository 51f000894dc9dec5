"""Which everyday name stands for which formal one, in English: facts only, no rules.

The first table is the reference program's, choices included where a nickname has several formal names (Chris, Pat,
Sandy). The second adds diminutives that can mean one name only.
"""

from __future__ import annotations

_REFERENCE = """
abigail: abby gail; albert: al bert; alexander: alex; allison: ally; andrew: andy; anthony: tony; arthur: art
barbara: barb; barnard: barney; beatrice: bea; benjamin: ben; bernard: bernie; bradford: brad; catherine: cath cathy
charles: charlie chuck; christina: dina tina; christine: chris; clifford: cliff; daniel: dan danny; david: dave
deborah: deb debbie; diana: di; donald: don donnie; dorothy: dot; douglas: doug; edward: ed eddie ned; eleanor: ellie
elizabeth: beth betsy betty liz lizzy; frances: fran; frederick: fred; gerald: gerry jerry; gregory: greg
harold: harry; henry: hank; jacob: jake; james: jim jimmy; janet: jane; jeffrey: jeff; jennifer: jen jenny
jessica: jess jessie; joan: joanie; john: jack; jonathan: jon; joseph: joe joey; josephine: jo; joshua: josh
judith: judi judy; katherine: kate kathy katie; kenneth: ken; kimberly: kim; lawrence: larry; leonard: lenny leo
margaret: maggie marge margie meg peg peggy; mary: mary; matthew: matt; maxwell: max; michael: mike mikey
mitchell: mitch; nancy: nan nanny; nathan: nate; nathaniel: nat; nicholas: nick; pamela: pam; patricia: patty trish
patrick: pat; penelope: penny; peter: pete; philip: phil; raymond: ray; rebecca: becky; richard: dick rich rick
robert: bob bobby rob robbie; roderick: rod; ronald: ron ronnie; russell: rusty; sally: sal; samuel: sam sammy
sandra: sandy; stephen: steve; susan: sue susie suzy; tamara: tammy; terrence: terry; theodore: ted
thomas: tom tommy; timothy: tim timmy; valerie: val; victor: vic; victoria: vicky; vincent: vince
virginia: gina ginny; walter: wally; william: bill billy will willy; zachary: zach zack
"""

_UNMISTAKABLE = """
abraham: abe; amanda: mandy; archibald: archie; augustus: gus; benjamin: benny; catherine: cathie; charlotte: lottie
clinton: clint; curtis: curt; cynthia: cindy; david: davey; deborah: debby; donald: donny; dorothy: dottie
elizabeth: lizzie; emmanuel: manny; frederick: freddie freddy; gabriel: gabe; gertrude: trudy; herbert: herb
katherine: kathie; kenneth: kenny; melinda: mindy; michael: mick; norman: norm; patricia: tricia; rebecca: becca
reginald: reggie; robert: robby; russell: russ; sidney: sid; stanley: stan; stephanie: steph; susan: suzie
theodore: teddy theo; victoria: vicki vickie; vincent: vinnie vinny; walter: walt; wesley: wes; zachary: zac
"""


def _pairs(table: str) -> dict[str, str]:
    entries = table.replace("\n", ";").split(";")
    sides = [entry.split(":") for entry in entries if entry.strip()]
    return {nickname: formal.strip() for formal, nicknames in sides for nickname in nicknames.split()}


# Lower-case nickname -> lower-case formal name.
FORMAL_NAMES = _pairs(_REFERENCE) | _pairs(_UNMISTAKABLE)
