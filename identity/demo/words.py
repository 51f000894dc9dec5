"""What made-up residents are made of: common names, streets, and towns with their ZIP and area codes.

Every telephone number is one of the hundred 555-0100 to 555-0199 that each North American area code keeps for
fiction, every mailbox lives under example.org, .com, .net or the top-level domain .example (RFC 2606): none of them
reaches anybody.
"""

from __future__ import annotations

from typing import NamedTuple


class Town(NamedTuple):
    city: str
    state: str
    zip: str
    area_code: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words("""
    James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
    Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald Ashley
    Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa Timothy Deborah
    Ronald Stephanie George Rebecca Jason Laura Edward Helen Jeffrey Sharon Ryan Cynthia Jacob Kathleen Gary Amy
    Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Pamela Justin Nicole Scott Emma Brandon Samantha
    Benjamin Katherine Samuel Christine Gregory Catherine Frank Virginia Alexander Debra Raymond Rachel Patrick Janet
    Jack Carolyn Dennis Maria Jerry Heather Tyler Diane Aaron Julie Jose Joyce Adam Victoria Nathan Kelly Henry
    Christina Zachary Joan Douglas Evelyn Peter Lauren Kyle Judith Noah Olivia Ethan Frances Jeremy Martha Walter Cheryl
    Keith Megan Roger Andrea Terry Teresa Austin Ann Sean Gloria Gerald Sara Carl Janice Harold Kathryn Dylan Alice
    Arthur Jean Lawrence Doris Jordan Abigail Jesse Julia Bryan Judy Grace Bruce Denise Gabriel Amber Joe Marilyn Logan
    Beverly Alan Danielle Juan Theresa Albert Sophia Willie Diana Elijah Brittany Wayne Natalie Randy Isabella Vincent
    Charlotte Mason Rose Roy Alexis Ralph Kayla Luis Fatima Hiroshi Priya Mohammed Ingrid Dmitri Aisha Chidi Mei Søren
""")

LAST_NAMES = _words("""
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
    Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young
    Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
    Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers
    Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez
    Wood Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell
    Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons Graham Wallace Woods Cole
    West Owens Reynolds Ellis Harrison Gibson Mcdonald Marshall Ortega Freeman Wells Webb Simpson Stevens Tucker Porter
    Hunter Hicks Crawford Henry Boyd Mason Kennedy Warren Dixon Burns Gordon Shaw Holmes Rice Robertson Hunt Black
    Daniels Palmer Mills Nichols Grant Knight Ferguson Stone Hawkins Dunn Perkins Hudson Spencer Gardner Payne Pierce
    Berry Matthews Arnold Wagner Willis Watkins Olson Carroll Duncan Snyder Hart Cunningham Bradley Lane Andrews Harper
    Fox Riley Armstrong Carpenter Weaver Greene Lawrence Elliott Sims Austin Peters Franklin Lawson O'Brien O'Connor
    Müller Kowalski Novak Rossi Yamamoto Haddad Okafor Petrov Johansson Fernández Núñez Goldberg Schwartz Abernathy
""")

STREETS = _words("""
    Oak Maple Cedar Elm Washington Lake Hill Walnut Spring Ridge Lincoln Church Willow Mill Sunset Jefferson Cherry
    Chestnut Highland Forest Jackson River Meadow Poplar Franklin Dogwood Hickory Laurel Madison Prospect Spruce Valley
    Birch Magnolia Orchard Monroe Pleasant Sycamore Juniper Harbor Summit Aspen Garfield Heather Bluebird Quarry
""")

STREET_TYPES = ("Street", "Avenue", "Road", "Drive", "Lane", "Court", "Boulevard", "Place", "Terrace", "Circle")

# How people write the same street type.
STREET_SHORT = {
    "Street": "St.",
    "Avenue": "Ave",
    "Road": "Rd",
    "Drive": "Dr",
    "Lane": "Ln",
    "Court": "Ct.",
    "Boulevard": "Blvd",
    "Place": "Pl",
    "Terrace": "Ter",
    "Circle": "Cir",
}

MAILBOX_DOMAINS = (
    "example.org",
    "example.com",
    "example.net",
    "postbox.example",
    "inbox.example",
    "northmail.example",
    "riverside-college.example",
    "harbor-freight-lines.example",
    "quarry-works.example",
)

TOWNS = tuple(
    Town(*line.strip().split("|"))
    for line in """
    Birmingham|AL|35203|205
    Phoenix|AZ|85004|602
    Tucson|AZ|85701|520
    Little Rock|AR|72201|501
    Los Angeles|CA|90012|213
    San Diego|CA|92101|619
    Fresno|CA|93721|559
    Sacramento|CA|95814|916
    San Jose|CA|95113|408
    Denver|CO|80202|303
    Boulder|CO|80302|720
    Hartford|CT|06103|860
    Wilmington|DE|19801|302
    Washington|DC|20004|202
    Miami|FL|33130|305
    Orlando|FL|32801|407
    Tampa|FL|33602|813
    Atlanta|GA|30303|404
    Savannah|GA|31401|912
    Boise|ID|83702|208
    Chicago|IL|60602|312
    Peoria|IL|61602|309
    Indianapolis|IN|46204|317
    Des Moines|IA|50309|515
    Wichita|KS|67202|316
    Louisville|KY|40202|502
    New Orleans|LA|70112|504
    Portland|ME|04101|207
    Baltimore|MD|21202|410
    Boston|MA|02108|617
    Worcester|MA|01608|508
    Detroit|MI|48226|313
    Grand Rapids|MI|49503|616
    Minneapolis|MN|55401|612
    Jackson|MS|39201|601
    Kansas City|MO|64106|816
    Saint Louis|MO|63101|314
    Billings|MT|59101|406
    Omaha|NE|68102|402
    Reno|NV|89501|775
    Las Vegas|NV|89101|702
    Concord|NH|03301|603
    Newark|NJ|07102|973
    Albuquerque|NM|87102|505
    New York|NY|10007|212
    Buffalo|NY|14202|716
    Rochester|NY|14604|585
    Charlotte|NC|28202|704
    Raleigh|NC|27601|919
    Columbus|OH|43215|614
    Cleveland|OH|44113|216
    Tulsa|OK|74103|918
    Portland|OR|97204|503
    Philadelphia|PA|19103|215
    Pittsburgh|PA|15222|412
    Providence|RI|02903|401
    Charleston|SC|29401|843
    Memphis|TN|38103|901
    Nashville|TN|37219|615
    Austin|TX|78701|512
    Dallas|TX|75201|214
    Houston|TX|77002|713
    San Antonio|TX|78205|210
    Salt Lake City|UT|84101|801
    Burlington|VT|05401|802
    Richmond|VA|23219|804
    Norfolk|VA|23510|757
    Seattle|WA|98104|206
    Spokane|WA|99201|509
    Charleston|WV|25301|304
    Milwaukee|WI|53202|414
    Madison|WI|53703|608
    Cheyenne|WY|82001|307
    """.strip().splitlines()
)
