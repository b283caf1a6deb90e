"""SES: identities, configuration sets, and where their events go."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, Property, flag, many, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_SELECTOR_KEYS = ("DomainSigningSelector", "DomainSigningPrivateKey", "NextSigningKeyLength")
_SIGNING = {
    "domainSigningPrivateKey": text(),
    "domainSigningSelector": text(),
    "nextSigningKeyLength": text(computed=True),
    "currentSigningKeyLength": text(computed=True),
    "lastKeyGenerationTimestamp": text(computed=True),
    "signingAttributesOrigin": text(computed=True),
    "status": text(computed=True),
    "tokens": many(text(), computed=True),
}


def _arn(call: Call, client: Client, kind: str, name: str) -> str:
    partition, _ = call.session.partition(client.region)
    return f"arn:{partition}:ses:{client.region}:{call.session.id}:{kind}/{name}"


_TAGS = Tagging()


def _signing(call: Call) -> Doc:
    wanted = encode(_SIGNING, call.inputs.get("dkimSigningAttributes") or {}, pascal)
    return {key: wanted[key] for key in _SELECTOR_KEYS if key in wanted}


def _create_identity(client: Client, call: Call) -> None:
    named = {"ConfigurationSetName": call.inputs.get("configurationSetName"), "DkimSigningAttributes": _signing(call)}
    wanted = {key: value for key, value in named.items() if value}
    client.create_email_identity(EmailIdentity=call.inputs["emailIdentity"], **wanted, **_TAGS.new(call))


def _read_identity(client: Client, call: Call) -> Doc:
    found = client.get_email_identity(EmailIdentity=call.id)
    signing = decode(_SIGNING, found.get("DkimAttributes"), pascal)
    known = call.known("dkimSigningAttributes") or {}
    hidden = {key: known[key] for key in ("domainSigningPrivateKey", "domainSigningSelector") if key in known}
    if "lastKeyGenerationTimestamp" in signing:
        signing["lastKeyGenerationTimestamp"] = str(signing["lastKeyGenerationTimestamp"])
    return {
        "emailIdentity": call.id,
        "arn": _arn(call, client, "identity", call.id),
        "configurationSetName": found.get("ConfigurationSetName"),
        "dkimSigningAttributes": {**signing, **hidden} or None,
        "identityType": found.get("IdentityType"),
        "verificationStatus": found.get("VerificationStatus"),
        "verifiedForSendingStatus": found.get("VerifiedForSendingStatus"),
    }


def _update_identity(client: Client, call: Call) -> None:
    if call.differs("configurationSetName"):
        name = call.inputs.get("configurationSetName")
        more = {"ConfigurationSetName": name} if name else {}
        client.put_email_identity_configuration_set_attributes(EmailIdentity=call.id, **more)
    signing = _signing(call)
    if call.differs("dkimSigningAttributes") and signing:
        origin = "EXTERNAL" if "DomainSigningPrivateKey" in signing else "AWS_SES"
        client.put_email_identity_dkim_signing_attributes(
            EmailIdentity=call.id, SigningAttributesOrigin=origin, SigningAttributes=signing
        )


def _delete_identity(client: Client, call: Call) -> None:
    client.delete_email_identity(EmailIdentity=call.id)


def _put_mail_from(client: Client, call: Call) -> None:
    named = {"MailFromDomain": "mailFromDomain", "BehaviorOnMxFailure": "behaviorOnMxFailure"}
    wanted = {wire: call.inputs[key] for wire, key in named.items() if call.inputs.get(key)}
    client.put_email_identity_mail_from_attributes(EmailIdentity=call.inputs["emailIdentity"], **wanted)


def _read_mail_from(client: Client, call: Call) -> Doc:
    found = client.get_email_identity(EmailIdentity=call.id).get("MailFromAttributes") or {}
    return {
        "emailIdentity": call.id,
        "mailFromDomain": found.get("MailFromDomain"),
        "behaviorOnMxFailure": found.get("BehaviorOnMxFailure"),
    }


def _delete_mail_from(client: Client, call: Call) -> None:
    """Back to the vendor's own; an identity that is gone has none."""
    client.put_email_identity_mail_from_attributes(EmailIdentity=call.id)


_OPTIONS: dict[str, Property] = {
    "deliveryOptions": obj(
        {"tlsPolicy": text(computed=True), "sendingPoolName": text(), "maxDeliverySeconds": number()},
        computed=True,
    ),
    "reputationOptions": obj(
        {"reputationMetricsEnabled": flag(default=False), "lastFreshStart": text(computed=True)}, computed=True
    ),
    "sendingOptions": obj({"sendingEnabled": flag(default=True)}, computed=True),
    "suppressionOptions": obj({"suppressedReasons": some(text())}, computed=True),
    "trackingOptions": obj({"customRedirectDomain": text(required=True), "httpsPolicy": text(computed=True)}),
}
_PUTS = {
    "deliveryOptions": "put_configuration_set_delivery_options",
    "reputationOptions": "put_configuration_set_reputation_options",
    "sendingOptions": "put_configuration_set_sending_options",
    "suppressionOptions": "put_configuration_set_suppression_options",
    "trackingOptions": "put_configuration_set_tracking_options",
}


def _create_set(client: Client, call: Call) -> None:
    wanted = encode(_OPTIONS, call.inputs, pascal)
    client.create_configuration_set(
        ConfigurationSetName=call.inputs["configurationSetName"], **wanted, **_TAGS.new(call)
    )


def _read_set(client: Client, call: Call) -> Doc:
    found = client.get_configuration_set(ConfigurationSetName=call.id)
    options = decode(_OPTIONS, found, pascal)
    fresh = (options.get("reputationOptions") or {}).get("lastFreshStart")
    if fresh:
        options["reputationOptions"]["lastFreshStart"] = str(fresh)
    arn = _arn(call, client, "configuration-set", call.id)
    return {"configurationSetName": call.id, "arn": arn, **options}


def _update_set(client: Client, call: Call) -> None:
    for key, operation in _PUTS.items():
        if call.differs(key):
            prop = _OPTIONS[key]
            wanted = encode(prop.fields, call.inputs.get(key) or {}, pascal)
            getattr(client, operation)(ConfigurationSetName=call.id, **wanted)


def _delete_set(client: Client, call: Call) -> None:
    client.delete_configuration_set(ConfigurationSetName=call.id)


_DIMENSION = {
    "dimensionName": text(required=True),
    "dimensionValueSource": text(required=True),
    "defaultDimensionValue": text(required=True),
}
_DESTINATION = {
    "matchingEventTypes": some(text(), required=True),
    "enabled": flag(default=False),
    "cloudWatchDestination": obj({"dimensionConfigurations": many(obj(_DIMENSION), required=True)}),
    "eventBridgeDestination": obj({"eventBusArn": text(required=True)}),
    "kinesisFirehoseDestination": obj({"deliveryStreamArn": text(required=True), "iamRoleArn": text(required=True)}),
    "snsDestination": obj({"topicArn": text(required=True)}),
}


def _names(call: Call) -> Doc:
    collection, _, name = call.id.partition("|")
    return {
        "ConfigurationSetName": collection or call.inputs["configurationSetName"],
        "EventDestinationName": name or call.inputs["eventDestinationName"],
    }


def _create_destination(client: Client, call: Call) -> None:
    wanted = encode(_DESTINATION, call.inputs["eventDestination"], pascal)
    client.create_configuration_set_event_destination(**_names(call), EventDestination=wanted)


def _read_destination(client: Client, call: Call) -> Doc:
    names = _names(call)
    listed = client.get_configuration_set_event_destinations(ConfigurationSetName=names["ConfigurationSetName"])
    found = listed.get("EventDestinations") or []
    destination = next((each for each in found if each["Name"] == names["EventDestinationName"]), None)
    if destination is None:
        raise Missing(f"AWS: sesv2: no event destination {call.id}")
    return {
        "configurationSetName": names["ConfigurationSetName"],
        "eventDestinationName": names["EventDestinationName"],
        "eventDestination": decode(_DESTINATION, destination, pascal),
    }


def _update_destination(client: Client, call: Call) -> None:
    wanted = encode(_DESTINATION, call.inputs["eventDestination"], pascal)
    client.update_configuration_set_event_destination(**_names(call), EventDestination=wanted)


def _delete_destination(client: Client, call: Call) -> None:
    client.delete_configuration_set_event_destination(**_names(call))


RESOURCES = (
    aws(
        "sesv2/emailIdentity:EmailIdentity",
        "sesv2",
        {
            "emailIdentity": text(required=True, replaces=True),
            "configurationSetName": text(),
            "dkimSigningAttributes": obj(_SIGNING, computed=True),
        },
        outputs=("arn", "identityType", "verificationStatus", "verifiedForSendingStatus"),
        volatile=("verificationStatus",),
        natural=("emailIdentity",),
        identity=lambda doc: str(doc["emailIdentity"]),
        tagging=_TAGS,
        create=_create_identity,
        read=_read_identity,
        update=_update_identity,
        delete=_delete_identity,
    ),
    aws(
        "sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes",
        "sesv2",
        {
            "emailIdentity": text(required=True, replaces=True),
            "mailFromDomain": text(),
            "behaviorOnMxFailure": text(default="USE_DEFAULT_VALUE"),
        },
        natural=("emailIdentity",),
        identity=lambda doc: str(doc["emailIdentity"]),
        create=_put_mail_from,
        read=_read_mail_from,
        update=_put_mail_from,
        delete=_delete_mail_from,
    ),
    aws(
        "sesv2/configurationSet:ConfigurationSet",
        "sesv2",
        {"configurationSetName": text(required=True, replaces=True), **_OPTIONS},
        outputs=("arn",),
        natural=("configurationSetName",),
        identity=lambda doc: str(doc["configurationSetName"]),
        tagging=_TAGS,
        create=_create_set,
        read=_read_set,
        update=_update_set,
        delete=_delete_set,
    ),
    aws(
        "sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
        "sesv2",
        {
            "configurationSetName": text(required=True, replaces=True),
            "eventDestinationName": text(required=True, replaces=True),
            "eventDestination": obj(_DESTINATION, required=True),
        },
        natural=("configurationSetName", "eventDestinationName"),
        identity=lambda doc: f"{doc['configurationSetName']}|{doc['eventDestinationName']}",
        create=_create_destination,
        read=_read_destination,
        update=_update_destination,
        delete=_delete_destination,
    ),
)
