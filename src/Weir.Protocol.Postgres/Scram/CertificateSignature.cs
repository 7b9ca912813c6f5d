using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// Reads the hash of an RSASSA-PSS signature from a certificate: it stands in the algorithm's parameters (RFC 4055 section 3.1), which
/// the framework's certificate type does not show.
/// </summary>
internal static class CertificateSignature
{
    internal static HashAlgorithmName? RsaPssHash(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            var outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            outer.ReadEncodedValue(); // tbsCertificate
            var algorithm = outer.ReadSequence();
            algorithm.ReadObjectIdentifier();
            if (!algorithm.HasData)
                return HashAlgorithmName.SHA256; // default is SHA-1, which the binding replaces by SHA-256
            var parameters = algorithm.ReadSequence();
            var hashTag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
            if (!parameters.HasData || parameters.PeekTag() != hashTag)
                return HashAlgorithmName.SHA256;
            return parameters.ReadSequence(hashTag).ReadSequence().ReadObjectIdentifier() switch
            {
                "1.3.14.3.2.26" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
                "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
                "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
                _ => null,
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
