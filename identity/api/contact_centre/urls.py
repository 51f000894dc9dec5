"""The addresses of the contact centre's door."""

from identity.api.contact_centre.identification_keys import (
    IdentificationKey,
    IdentificationKeys,
    MetadataKeys,
    SettleKey,
)
from identity.api.contact_centre.identify import IdentifyContact, IdentifyContactOriginal, IdentifyOriginal
from identity.api.contact_centre.media_types import MediaTypeByName, MediaTypes
from identity.api.routes import address

urlpatterns = [
    *address("contacts/identify", IdentifyContact, "contacts-identify"),
    *address("OMContacts/Identify", IdentifyOriginal, "om-contacts-identify"),
    *address("OMContacts/IdentifyContact", IdentifyContactOriginal, "om-contacts-identify-contact"),
    *address("identification-keys", IdentificationKeys, "identification-keys"),
    *address("identification-keys/<str:key>", IdentificationKey, "identification-key"),
    *address("identification-keys/<str:key>/settle", SettleKey, "identification-key-settle"),
    *address("metadata/identification-keys", MetadataKeys, "metadata-identification-keys"),
    *address("media-types", MediaTypes, "media-types"),
    *address("media-types/<str:media_type>", MediaTypeByName, "media-type"),
]
