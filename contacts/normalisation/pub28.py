"""Tables of USPS Publication 28, Postal Addressing Standards: appendices B, C1 and C2, section 233. Facts only."""

from __future__ import annotations


def _by_spelling(table: str) -> dict[str, str]:
    """`ABBREVIATION: spelling spelling; ...` as lower-case spelling -> abbreviation; each is a spelling of itself."""
    entries = [entry.split(":") for entry in table.replace("\n", ";").split(";") if entry.strip()]
    return {
        spelling.lower(): abbreviation.strip()
        for abbreviation, spellings in entries
        for spelling in [abbreviation.strip(), *spellings.split()]
    }


# Appendix C1, street suffixes.
SUFFIXES = _by_spelling("""
ALY: alley allee ally; ANX: annex anex annx; ARC: arcade; AVE: avenue av aven avenu avn avnue; BYU: bayou bayoo
BCH: beach; BND: bend; BLF: bluff bluf; BLFS: bluffs; BTM: bottom bot bottm; BLVD: boulevard boul boulv
BR: branch brnch; BRG: bridge brdge; BRK: brook; BRKS: brooks; BG: burg; BGS: burgs; BYP: bypass bypa bypas byps
CP: camp cmp; CYN: canyon canyn cnyn; CPE: cape; CSWY: causeway causwa; CTR: center cen cent centr centre cnter cntr
CTRS: centers; CIR: circle circ circl crcl crcle; CIRS: circles; CLF: cliff; CLFS: cliffs; CLB: club; CMN: common
CMNS: commons; COR: corner; CORS: corners; CRSE: course; CT: court; CTS: courts; CV: cove; CVS: coves; CRK: creek
CRES: crescent crsent crsnt; CRST: crest; XING: crossing crssng; XRD: crossroad; XRDS: crossroads; CURV: curve
DL: dale; DM: dam; DV: divide div dvd; DR: drive driv drv; DRS: drives; EST: estate; ESTS: estates
EXPY: expressway exp expr express expw; EXT: extension extn extnsn; EXTS: extensions; FALL:; FLS: falls
FRY: ferry frry; FLD: field; FLDS: fields; FLT: flat; FLTS: flats; FRD: ford; FRDS: fords; FRST: forest forests
FRG: forge forg; FRGS: forges; FRK: fork; FRKS: forks; FT: fort frt; FWY: freeway freewy frway frwy
GDN: garden gardn grden grdn; GDNS: gardens grdns; GTWY: gateway gatewy gatway gtway; GLN: glen; GLNS: glens
GRN: green; GRNS: greens; GRV: grove grov; GRVS: groves; HBR: harbor harb harbr hrbor; HBRS: harbors; HVN: haven
HTS: heights ht; HWY: highway highwy hiway hiwy hway; HL: hill; HLS: hills; HOLW: hollow hllw hollows holws
INLT: inlet; IS: island islnd; ISS: islands islnds; ISLE: isles; JCT: junction jction jctn junctn juncton
JCTS: junctions jctns; KY: key; KYS: keys; KNL: knoll knol; KNLS: knolls; LK: lake; LKS: lakes; LAND:
LNDG: landing lndng; LN: lane; LGT: light; LGTS: lights; LF: loaf; LCK: lock; LCKS: locks; LDG: lodge ldge lodg
LOOP: loops; MALL:; MNR: manor; MNRS: manors; MDW: meadow; MDWS: meadows medows; MEWS:; ML: mill; MLS: mills
MSN: mission missn mssn; MTWY: motorway; MT: mount mnt; MTN: mountain mntain mntn mountin mtin
MTNS: mountains mntns; NCK: neck; ORCH: orchard orchrd; OVAL: ovl; OPAS: overpass; PARK: prk parks
PKWY: parkway parkwy pkway pky parkways pkwys; PASS:; PSGE: passage; PATH: paths; PIKE: pikes; PNE: pine; PNES: pines
PL: place; PLN: plain; PLNS: plains; PLZ: plaza plza; PT: point; PTS: points; PRT: port; PRTS: ports; PR: prairie prr
RADL: radial rad radiel; RAMP:; RNCH: ranch ranches rnchs; RPD: rapid; RPDS: rapids; RST: rest; RDG: ridge rdge
RDGS: ridges; RIV: river rvr rivr; RD: road; RDS: roads; RTE: route; ROW:; RUE:; RUN:; SHL: shoal; SHLS: shoals
SHR: shore shoar; SHRS: shores shoars; SKWY: skyway; SPG: spring spng sprng; SPGS: springs spngs sprngs; SPUR: spurs
SQ: square sqr sqre squ; SQS: squares sqrs; STA: station statn stn; STRA: stravenue strav straven stravn strvn strvnue
STRM: stream streme; ST: street strt str; STS: streets; SMT: summit sumit sumitt; TER: terrace terr; TRWY: throughway
TRCE: trace traces; TRAK: track tracks trk trks; TRFY: trafficway; TRL: trail trails trls; TRLR: trailer trlrs
TUNL: tunnel tunel tunls tunnels tunnl; TPKE: turnpike trnpk turnpk; UPAS: underpass; UN: union; UNS: unions
VLY: valley vally vlly; VLYS: valleys; VIA: viaduct vdct viadct; VW: view; VWS: views
VLG: village vill villag villg villiage; VLGS: villages; VL: ville; VIS: vista vist vst vsta; WALK: walks; WALL:
WAY: wy; WAYS:; WL: well; WLS: wells
""")

# Suffixes that name a thoroughfare and nothing else: "North Avenue" is an avenue called North, "5 Avenue" is Fifth,
# whereas "12 Park" and "12 N Lake" are a place called Park and one called Lake.
THOROUGHFARES = frozenset({"AVE", "BLVD", "CIR", "CT", "DR", "LN", "PKWY", "PL", "RD", "ST", "TER", "WAY"})

# Words before the number of a numbered highway: "Highway 61", "County Road 12", "State Route 9".
ROUTES = {word: abbreviation for word, abbreviation in SUFFIXES.items() if abbreviation in {"FWY", "HWY", "RD", "RTE"}}

# Section 233, directionals.
DIRECTIONALS = _by_spelling("""
N: north; S: south; E: east; W: west; NE: northeast; NW: northwest; SE: southeast; SW: southwest
""")

# Appendix C2, secondary unit designators.
UNITS = _by_spelling("""
APT: apartment; BLDG: building; BSMT: basement; DEPT: department; FL: floor; FRNT: front; HNGR: hangar; KEY:
LBBY: lobby; LOT:; LOWR: lower; OFC: office; PH: penthouse; PIER:; REAR:; RM: room; SIDE:; SLIP:; SPC: space; STE: suite
STOP:; TRLR: trailer; UNIT:; UPPR: upper
""")

# Appendix B, states and possessions by their full names (lower case); the codes themselves need no entry.
STATES = {
    name.strip(): code
    for code, name in (
        entry.split(":")
        for entry in """
AL:alabama,AK:alaska,AS:american samoa,AZ:arizona,AR:arkansas,CA:california,CO:colorado,CT:connecticut,DE:delaware,
DC:district of columbia,FM:federated states of micronesia,FL:florida,GA:georgia,GU:guam,HI:hawaii,ID:idaho,IL:illinois,
IN:indiana,IA:iowa,KS:kansas,KY:kentucky,LA:louisiana,ME:maine,MH:marshall islands,MD:maryland,MA:massachusetts,
MI:michigan,MN:minnesota,MS:mississippi,MO:missouri,MT:montana,NE:nebraska,NV:nevada,NH:new hampshire,NJ:new jersey,
NM:new mexico,NY:new york,NC:north carolina,ND:north dakota,MP:northern mariana islands,OH:ohio,OK:oklahoma,OR:oregon,
PW:palau,PA:pennsylvania,PR:puerto rico,RI:rhode island,SC:south carolina,SD:south dakota,TN:tennessee,TX:texas,UT:utah,
VT:vermont,VI:virgin islands,VA:virginia,WA:washington,WV:west virginia,WI:wisconsin,WY:wyoming
""".replace("\n", "").split(",")
    )
}

# Countries whose post is the United States Postal Service's, by ISO 3166-1 alpha-2.
SERVED_COUNTRIES = frozenset({"US", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI"})
