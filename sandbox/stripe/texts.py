"""The words of the hosted pages, German and English."""

from starlette.requests import Request

from sandbox.stripe.errors import Doc

_WORDS = {
    "title": ("Kasse", "Checkout"),
    "test": ("Testumgebung: Es wird kein Geld bewegt.", "Test environment: no money moves."),
    "summary": ("Ihre Bestellung", "Your order"),
    "subtotal": ("Zwischensumme", "Subtotal"),
    "discount": ("Rabatt", "Discount"),
    "tax": ("Umsatzsteuer", "VAT"),
    "tax_open": ("wird mit Ihrem Land berechnet", "calculated with your country"),
    "tax_included": ("enthalten", "included"),
    "reverse": ("Steuerschuldnerschaft des Leistungsempfängers", "Reverse charge"),
    "due": ("Heute fällig", "Due today"),
    "trial": ("Danach ab Ende der Testphase", "Then, when the trial ends"),
    "contact": ("Kontakt", "Contact"),
    "email": ("E-Mail-Adresse", "E-mail address"),
    "name": ("Name oder Firma", "Name or company"),
    "address": ("Rechnungsadresse", "Billing address"),
    "country": ("Land", "Country"),
    "choose": ("Bitte wählen", "Please choose"),
    "line1": ("Straße und Hausnummer", "Street and number"),
    "postal_code": ("Postleitzahl", "Postal code"),
    "city": ("Ort", "City"),
    "vat_id": ("USt-IdNr. (nur Unternehmen)", "VAT number (businesses only)"),
    "recalculate": ("Steuer neu berechnen", "Recalculate tax"),
    "code": ("Gutscheincode", "Promotion code"),
    "apply": ("Einlösen", "Apply"),
    "method": ("Zahlungsart", "Payment method"),
    "card": ("Karte", "Card"),
    "sepa": ("SEPA-Lastschrift", "SEPA direct debit"),
    "number": ("Kartennummer", "Card number"),
    "expiry": ("Gültig bis (MM/JJ)", "Expiry (MM/YY)"),
    "cvc": ("Prüfziffer", "CVC"),
    "iban": ("IBAN", "IBAN"),
    "mandate": (
        "Mit der Zahlung erteilen Sie ein SEPA-Lastschriftmandat. Die Abbuchung dauert einige Tage.",
        "By paying you grant a SEPA direct debit mandate. The debit takes a few days.",
    ),
    "terms": ("Ich stimme den Bedingungen zu.", "I agree to the terms."),
    "pay": ("Jetzt bezahlen", "Pay now"),
    "subscribe": ("Zahlungspflichtig abonnieren", "Subscribe and pay"),
    "start": ("Testphase starten", "Start trial"),
    "save": ("Zahlungsart speichern", "Save payment method"),
    "back": ("Zurück zum Anbieter", "Back to the shop"),
    "cards": ("Testkarten und Testkonten", "Test cards and accounts"),
    "card_ok": ("wird angenommen", "succeeds"),
    "card_no": ("wird abgelehnt", "is declined"),
    "card_3ds": ("verlangt eine Bestätigung (3-D Secure)", "asks for confirmation (3-D Secure)"),
    "iban_ok": ("Lastschrift gelingt später", "debit succeeds later"),
    "iban_no": ("Lastschrift platzt später", "debit fails later"),
    "complete": ("Diese Bestellung ist bezahlt.", "This order is paid."),
    "waiting": ("Die Lastschrift ist unterwegs.", "The debit is on its way."),
    "expired": ("Diese Kassenseite ist abgelaufen.", "This checkout page has expired."),
    "challenge": ("Zahlung bestätigen", "Confirm the payment"),
    "challenge_text": (
        "Ihre Bank möchte wissen, ob Sie diese Zahlung veranlasst haben.",
        "Your bank wants to know whether you asked for this payment.",
    ),
    "confirm": ("Bestätigen", "Confirm"),
    "refuse": ("Ablehnen", "Refuse"),
    "every_day": ("pro Tag", "per day"),
    "every_week": ("pro Woche", "per week"),
    "every_month": ("pro Monat", "per month"),
    "every_year": ("pro Jahr", "per year"),
    "invoice": ("Rechnung", "Invoice"),
    "credit_note": ("Gutschrift", "Credit note"),
    "download": ("PDF herunterladen", "Download PDF"),
    "pay_invoice": ("Rechnung bezahlen", "Pay invoice"),
    "status": ("Status", "Status"),
    "total": ("Gesamt", "Total"),
    "date": ("Datum", "Date"),
    "portal": ("Abonnement und Rechnungen", "Subscription and invoices"),
    "subscription": ("Abonnement", "Subscription"),
    "renews": ("Verlängert sich am", "Renews on"),
    "ends": ("Endet am", "Ends on"),
    "cancel": ("Abonnement kündigen", "Cancel subscription"),
    "keep": ("Kündigung zurücknehmen", "Keep subscription"),
    "change": ("Tarif wechseln", "Change plan"),
    "change_to": ("Wechseln zu", "Switch to"),
    "invoices": ("Rechnungen", "Invoices"),
    "methods": ("Zahlungsart", "Payment method"),
    "none": ("Noch nichts vorhanden.", "Nothing here yet."),
    "billing": ("Rechnungsangaben", "Billing details"),
    "store": ("Speichern", "Save"),
    "done": ("Gespeichert.", "Saved."),
}

_ERRORS_DE = {
    "card_declined": "Ihre Karte wurde abgelehnt.",
    "expired_card": "Ihre Karte ist abgelaufen.",
    "incorrect_cvc": "Die Prüfziffer stimmt nicht.",
    "incorrect_number": "Diese Kartennummer ist nicht richtig.",
    "invalid_expiry_month": "Dieses Ablaufdatum ist nicht richtig.",
    "processing_error": "Bei der Verarbeitung Ihrer Karte ist etwas schiefgegangen. Bitte versuchen Sie es erneut.",
    "invalid_bank_account_iban": "Diese IBAN ist nicht richtig.",
    "bank_account_unusable": "Bitte verwenden Sie hier eine Test-IBAN.",
    "payment_intent_authentication_failure": "Die Zahlung wurde nicht bestätigt. Bitte versuchen Sie es erneut.",
    "payment_intent_authentication_failed": "Die Zahlung wurde nicht bestätigt. Bitte versuchen Sie es erneut.",
    "tax_id_invalid": "Diese USt-IdNr. ist nicht richtig.",
    "email_invalid": "Diese E-Mail-Adresse ist nicht richtig.",
    "parameter_missing": "Bitte füllen Sie dieses Feld aus.",
    "coupon_expired": "Dieser Gutschein gilt nicht mehr.",
    "promotion_code_expired": "Dieser Gutscheincode gilt nicht mehr.",
    "resource_missing": "Diesen Gutscheincode gibt es nicht.",
}
_FIELDS = {"number": "card", "exp_month": "expiry", "promotion_code": "code", "sepa_debit[iban]": "iban"}
COUNTRIES = {
    "DE": ("Deutschland", "Germany"),
    "AT": ("Österreich", "Austria"),
    "CH": ("Schweiz", "Switzerland"),
    "BE": ("Belgien", "Belgium"),
    "BG": ("Bulgarien", "Bulgaria"),
    "CY": ("Zypern", "Cyprus"),
    "CZ": ("Tschechien", "Czechia"),
    "DK": ("Dänemark", "Denmark"),
    "EE": ("Estland", "Estonia"),
    "ES": ("Spanien", "Spain"),
    "FI": ("Finnland", "Finland"),
    "FR": ("Frankreich", "France"),
    "GB": ("Vereinigtes Königreich", "United Kingdom"),
    "GR": ("Griechenland", "Greece"),
    "HR": ("Kroatien", "Croatia"),
    "HU": ("Ungarn", "Hungary"),
    "IE": ("Irland", "Ireland"),
    "IT": ("Italien", "Italy"),
    "LT": ("Litauen", "Lithuania"),
    "LU": ("Luxemburg", "Luxembourg"),
    "LV": ("Lettland", "Latvia"),
    "MT": ("Malta", "Malta"),
    "NL": ("Niederlande", "Netherlands"),
    "PL": ("Polen", "Poland"),
    "PT": ("Portugal", "Portugal"),
    "RO": ("Rumänien", "Romania"),
    "SE": ("Schweden", "Sweden"),
    "SI": ("Slowenien", "Slovenia"),
    "SK": ("Slowakei", "Slovakia"),
    "US": ("Vereinigte Staaten", "United States"),
}


def language(request: Request, wanted: str | None) -> str:
    """What the reader chose, else what the merchant asked for, else what the browser prefers."""
    for choice in (request.query_params.get("lang"), wanted, request.headers.get("accept-language")):
        if choice and choice[:2].lower() in ("de", "en"):
            return choice[:2].lower()
    return "en"


def words(lang: str) -> dict[str, str]:
    return {name: pair[lang == "en"] for name, pair in _WORDS.items()}


def countries(lang: str) -> list[tuple[str, str]]:
    return [(code, pair[lang == "en"]) for code, pair in COUNTRIES.items()]


def complaint(error: Doc, lang: str) -> dict[str, str]:
    """An error as the page shows it: at which field, in whose language."""
    code = error.get("code") or ""
    message = (
        _ERRORS_DE.get(code, "Das hat nicht geklappt. Bitte prüfen Sie Ihre Angaben.")
        if lang == "de"
        else error["message"]
    )
    if code == "parameter_missing" and lang == "en":
        message = "Please fill in this field."
    param = error.get("param") or ""
    return {"field": _FIELDS.get(param, param), "message": message}


def money(amount: int | None, currency: str | None, lang: str) -> str:
    amount, currency = amount or 0, currency or "eur"
    whole = f"{abs(amount) / 100:,.2f}"
    sign = "−" if amount < 0 else ""
    unit = {"eur": "€", "usd": "$", "gbp": "£"}.get(currency, currency.upper())
    if lang == "de":
        return f"{sign}{whole.translate(str.maketrans(',.', '.,'))}\u00a0{unit}"
    return f"{sign}{unit}{whole}" if len(unit) == 1 else f"{sign}{unit}\u00a0{whole}"
