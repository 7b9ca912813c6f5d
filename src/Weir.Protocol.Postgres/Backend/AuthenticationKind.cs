namespace Weir.Protocol.Postgres.Backend;

/// <summary>The code word of an Authentication message.</summary>
public enum AuthenticationKind
{
    Ok = 0,
    KerberosV5 = 2,
    CleartextPassword = 3,
    Md5Password = 5,
    ScmCredential = 6,
    Gss = 7,
    GssContinue = 8,
    Sspi = 9,
    Sasl = 10,
    SaslContinue = 11,
    SaslFinal = 12,
}
