using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// The whole family of Authentication messages: one type byte, a code word, data by kind. A code this type does not know is a violation:
/// an unknown method can't be answered.
/// </summary>
public readonly ref struct AuthenticationMessage
{
    private AuthenticationMessage(AuthenticationKind kind, ReadOnlySpan<byte> data)
    {
        Kind = kind;
        Data = data;
    }

    public AuthenticationKind Kind { get; }

    /// <summary>What follows the code word: the salt (4 bytes) of MD5, the mechanism's data of SASLContinue and SASLFinal.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The names offered by AuthenticationSASL, the server's favourite first.</summary>
    public StringListEnumerator Mechanisms => new(Kind == AuthenticationKind.Sasl ? Data[..^1] : []);

    /// <summary>AuthenticationOk, ready to send.</summary>
    public static ReadOnlySpan<byte> OkBytes => [(byte)'R', 0, 0, 0, 8, 0, 0, 0, 0];

    public static ReadOnlySpan<byte> CleartextPasswordBytes => [(byte)'R', 0, 0, 0, 8, 0, 0, 0, 3];

    public static AuthenticationMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var kind = (AuthenticationKind)reader.ReadInt32();
        var data = reader.Rest;
        switch (kind)
        {
            case AuthenticationKind.Ok or AuthenticationKind.KerberosV5 or AuthenticationKind.CleartextPassword
                or AuthenticationKind.ScmCredential or AuthenticationKind.Gss or AuthenticationKind.Sspi:
                reader.EnsureEnd();
                break;
            case AuthenticationKind.Md5Password:
                reader.ReadBytes(4);
                reader.EnsureEnd();
                break;
            case AuthenticationKind.Sasl:
                while (!reader.ReadCString().IsEmpty)
                {
                }

                reader.EnsureEnd();
                break;
            case AuthenticationKind.SaslContinue or AuthenticationKind.SaslFinal or AuthenticationKind.GssContinue:
                break;
            default:
                Violation.ThrowFatal("unknown authentication request");
                break;
        }

        return new AuthenticationMessage(kind, data);
    }

    public bool Offers(ReadOnlySpan<byte> mechanism)
    {
        foreach (var offered in Mechanisms)
        {
            if (offered.SequenceEqual(mechanism))
                return true;
        }

        return false;
    }

    public static void WriteOk(MessageWriter writer) => writer.WriteBytes(OkBytes);

    public static void WriteCleartextPassword(MessageWriter writer) => writer.WriteBytes(CleartextPasswordBytes);

    public static void WriteMd5Password(MessageWriter writer, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, 4, nameof(salt));
        WriteData(writer, AuthenticationKind.Md5Password, salt);
    }

    public static void WriteSasl(MessageWriter writer, params ReadOnlySpan<string> mechanisms)
    {
        var start = writer.BeginMessage(BackendMessageType.Authentication);
        writer.WriteInt32((int)AuthenticationKind.Sasl);
        foreach (var mechanism in mechanisms)
        {
            ArgumentException.ThrowIfNullOrEmpty(mechanism, nameof(mechanisms));
            writer.WriteCString(mechanism);
        }

        writer.WriteByte(0);
        writer.EndMessage(start);
    }

    public static void WriteSaslContinue(MessageWriter writer, ReadOnlySpan<byte> data) => WriteData(writer, AuthenticationKind.SaslContinue, data);

    public static void WriteSaslFinal(MessageWriter writer, ReadOnlySpan<byte> data) => WriteData(writer, AuthenticationKind.SaslFinal, data);

    private static void WriteData(MessageWriter writer, AuthenticationKind kind, ReadOnlySpan<byte> data)
    {
        var start = writer.BeginMessage(BackendMessageType.Authentication);
        writer.WriteInt32((int)kind);
        writer.WriteBytes(data);
        writer.EndMessage(start);
    }
}
