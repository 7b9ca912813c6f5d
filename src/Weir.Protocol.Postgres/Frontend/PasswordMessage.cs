using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>The answer to AuthenticationCleartextPassword or AuthenticationMD5Password.</summary>
public readonly ref struct PasswordMessage
{
    private PasswordMessage(ReadOnlySpan<byte> password) => Password = password;

    public ReadOnlySpan<byte> Password { get; }

    public static PasswordMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var password = reader.ReadCString();
        reader.EnsureEnd();
        return new PasswordMessage(password);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> password)
    {
        var start = writer.BeginMessage(FrontendMessageType.Password);
        writer.WriteCString(password);
        writer.EndMessage(start);
    }
}
