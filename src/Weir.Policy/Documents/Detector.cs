namespace Weir.Policy.Documents;

/// <summary>A detector of sensitive content.</summary>
public enum Detector
{
    Email,
    CreditCard,
    UsSsn,
    Iban,
    Phone,
    IpAddress,
    Jwt,
    SecretKey,
}
