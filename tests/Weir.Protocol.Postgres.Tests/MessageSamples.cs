using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Protocol.Postgres.Tests;

/// <summary>Every message of the protocol, once or more.</summary>
internal static class MessageSamples
{
    internal static IReadOnlyList<MessageSample> All { get; } = [.. Frontend(), .. Backend()];

    internal static MessageSample Named(string name) => All.Single(sample => sample.ToString() == name);

    private static IEnumerable<MessageSample> Frontend()
    {
        yield return Make(nameof(PasswordMessage), MessageDirection.Frontend, w => PasswordMessage.Write(w, "secret"u8), b => PasswordMessage.Read(b));
        yield return Make(nameof(SaslInitialResponse), MessageDirection.Frontend, w => SaslInitialResponse.Write(w, "SCRAM-SHA-256"u8, "n,,n=,r=abc"u8), b => SaslInitialResponse.Read(b));
        yield return Make("SaslInitialResponse without data", MessageDirection.Frontend, w => SaslInitialResponse.WriteWithoutResponse(w, "OAUTHBEARER"u8), b => SaslInitialResponse.Read(b));
        yield return Make(nameof(SaslResponse), MessageDirection.Frontend, w => SaslResponse.Write(w, "c=biws"u8), b => SaslResponse.Read(b), isOpenEnded: true);
        yield return Make(nameof(Query), MessageDirection.Frontend, w => Query.Write(w, "SELECT 1"u8), b => Query.Read(b));
        yield return Make(nameof(Parse), MessageDirection.Frontend, w => Parse.Write(w, "s"u8, "SELECT $1, $2"u8, [23, 0]), ReadParse);
        yield return Make(
            nameof(Bind),
            MessageDirection.Frontend,
            w =>
            {
                var bind = BindWriter.Begin(w, "p"u8, "s"u8, [FormatCode.Text, FormatCode.Binary, FormatCode.Text], 3);
                bind.WriteValue("a"u8);
                bind.WriteNull();
                bind.WriteValue([]);
                bind.End([FormatCode.Binary]);
            },
            ReadBind);
        yield return Make(nameof(Execute), MessageDirection.Frontend, w => Execute.Write(w, "p"u8, 100), b => Execute.Read(b));
        yield return Make(nameof(Describe), MessageDirection.Frontend, w => Describe.Write(w, TargetKind.Statement, "s"u8), b => Describe.Read(b));
        yield return Make(nameof(Close), MessageDirection.Frontend, w => Close.Write(w, TargetKind.Portal, "p"u8), b => Close.Read(b));
        yield return Make(nameof(Sync), MessageDirection.Frontend, Sync.Write, Sync.Read);
        yield return Make(nameof(Flush), MessageDirection.Frontend, Flush.Write, Flush.Read);
        yield return Make(nameof(Terminate), MessageDirection.Frontend, Terminate.Write, Terminate.Read);
        yield return Make(nameof(CopyData), MessageDirection.Frontend, w => CopyData.Write(w, "1\ta\n"u8), b => CopyData.Read(b), isOpenEnded: true);
        yield return Make(nameof(CopyDone), MessageDirection.Frontend, CopyDone.Write, CopyDone.Read);
        yield return Make(nameof(CopyFail), MessageDirection.Frontend, w => CopyFail.Write(w, "no more"u8), b => CopyFail.Read(b));
        yield return Make(nameof(FunctionCall), MessageDirection.Frontend, w => FunctionCall.Write(w, 957, FormatCode.Binary, [[0, 0, 0, 1], []], FormatCode.Binary), ReadFunctionCall);
    }

    private static IEnumerable<MessageSample> Backend()
    {
        const MessageDirection Direction = MessageDirection.Backend;
        var key = new CancelKey(4711, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        yield return Make("AuthenticationOk", Direction, AuthenticationMessage.WriteOk, ReadAuthentication);
        yield return Make("AuthenticationCleartextPassword", Direction, AuthenticationMessage.WriteCleartextPassword, ReadAuthentication);
        yield return Make("AuthenticationMD5Password", Direction, w => AuthenticationMessage.WriteMd5Password(w, [1, 2, 3, 4]), ReadAuthentication);
        yield return Make("AuthenticationSASL", Direction, w => AuthenticationMessage.WriteSasl(w, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"), ReadAuthentication);
        yield return Make("AuthenticationSASLContinue", Direction, w => AuthenticationMessage.WriteSaslContinue(w, "r=x"u8), ReadAuthentication, isOpenEnded: true);
        yield return Make("AuthenticationSASLFinal", Direction, w => AuthenticationMessage.WriteSaslFinal(w, "v=x"u8), ReadAuthentication, isOpenEnded: true);
        yield return Make(nameof(BackendKeyData), Direction, w => BackendKeyData.Write(w, key), b => BackendKeyData.Read(b), isOpenEnded: true);
        yield return Make(nameof(NegotiateProtocolVersion), Direction, w => NegotiateProtocolVersion.Write(w, ProtocolVersion.V32, ["_pq_.a", "_pq_.b"]), ReadNegotiate);
        yield return Make(nameof(ParameterStatus), Direction, w => ParameterStatus.Write(w, "server_version", "18.0"), b => ParameterStatus.Read(b));
        yield return Make(nameof(ReadyForQuery), Direction, w => ReadyForQuery.Write(w, TransactionStatus.InTransaction), b => ReadyForQuery.Read(b));
        yield return Make(
            nameof(RowDescription),
            Direction,
            w =>
            {
                var row = RowDescriptionWriter.Begin(w, 2);
                row.WriteField("id"u8, 23, 4, FormatCode.Binary, -1, 16384, 1);
                row.WriteField("name"u8, 25, -1);
                row.End();
            },
            ReadRowDescription);
        yield return Make(
            nameof(DataRow),
            Direction,
            w =>
            {
                var row = DataRowWriter.Begin(w, 3);
                row.WriteValue("1"u8);
                row.WriteNull();
                row.WriteValue([]);
                row.End();
            },
            ReadDataRow);
        yield return Make(nameof(ParameterDescription), Direction, w => ParameterDescription.Write(w, [23, 25]), ReadParameterDescription);
        yield return Make(nameof(ParseComplete), Direction, ParseComplete.Write, ParseComplete.Read);
        yield return Make(nameof(BindComplete), Direction, BindComplete.Write, BindComplete.Read);
        yield return Make(nameof(CloseComplete), Direction, CloseComplete.Write, CloseComplete.Read);
        yield return Make(nameof(NoData), Direction, NoData.Write, NoData.Read);
        yield return Make(nameof(PortalSuspended), Direction, PortalSuspended.Write, PortalSuspended.Read);
        yield return Make(nameof(EmptyQueryResponse), Direction, EmptyQueryResponse.Write, EmptyQueryResponse.Read);
        yield return Make(nameof(CommandComplete), Direction, w => CommandComplete.Write(w, "INSERT 0 5"u8), b => CommandComplete.Read(b));
        yield return Make(nameof(ErrorResponse), Direction, w => ErrorResponse.Write(w, Diagnostic.Error("42501", "no")), ReadDiagnostic);
        yield return Make(nameof(NoticeResponse), Direction, w => NoticeResponse.Write(w, Diagnostic.Notice("held") with { Hint = "wait" }), ReadDiagnostic);
        yield return Make(nameof(NotificationResponse), Direction, w => NotificationResponse.Write(w, 1, "c"u8, "p"u8), b => NotificationResponse.Read(b));
        yield return Make(nameof(CopyInResponse), Direction, w => CopyInResponse.Write(w, FormatCode.Text, 2), b => CopyInResponse.Read(b));
        yield return Make(nameof(CopyOutResponse), Direction, w => CopyOutResponse.Write(w, FormatCode.Binary, 2), b => CopyOutResponse.Read(b));
        yield return Make(nameof(CopyBothResponse), Direction, w => CopyBothResponse.Write(w, FormatCode.Text, 0), b => CopyBothResponse.Read(b));
        yield return Make(nameof(FunctionCallResponse), Direction, w => FunctionCallResponse.Write(w, "1"u8), b => FunctionCallResponse.Read(b));
        yield return Make("FunctionCallResponse of NULL", Direction, FunctionCallResponse.WriteNull, b => FunctionCallResponse.Read(b));
        yield return Make(nameof(CopyData), Direction, w => CopyData.Write(w, "1\ta\n"u8), b => CopyData.Read(b), isOpenEnded: true);
        yield return Make(nameof(CopyDone), Direction, CopyDone.Write, CopyDone.Read);
    }

    private static MessageSample Make(string name, MessageDirection direction, Action<MessageWriter> write, BodyAction read, bool isOpenEnded = false)
    {
        var writer = new MessageWriter();
        write(writer);
        return new MessageSample(name, direction, writer.Written.ToArray(), read, isOpenEnded);
    }

    private static void ReadParse(ReadOnlySpan<byte> body)
    {
        var parse = Parse.Read(body);
        for (var i = 0; i < parse.ParameterTypeCount; i++)
            parse.ParameterType(i);
    }

    private static void ReadBind(ReadOnlySpan<byte> body)
    {
        var bind = Bind.Read(body);
        foreach (var parameter in bind.Parameters)
            _ = parameter.Value.Length + (int)parameter.Format;
        for (var i = 0; i < bind.ResultFormats.Count; i++)
            _ = bind.ResultFormats[i];
    }

    private static void ReadFunctionCall(ReadOnlySpan<byte> body)
    {
        foreach (var argument in FunctionCall.Read(body).Arguments)
            _ = argument.Value.Length + (int)argument.Format;
    }

    private static void ReadAuthentication(ReadOnlySpan<byte> body)
    {
        foreach (var mechanism in AuthenticationMessage.Read(body).Mechanisms)
            _ = mechanism.Length;
    }

    private static void ReadNegotiate(ReadOnlySpan<byte> body)
    {
        foreach (var option in NegotiateProtocolVersion.Read(body).UnknownOptions)
            _ = option.Length;
    }

    private static void ReadRowDescription(ReadOnlySpan<byte> body)
    {
        foreach (var field in RowDescription.Read(body).Fields)
            _ = field.Name.Length + field.TypeOid;
    }

    private static void ReadDataRow(ReadOnlySpan<byte> body)
    {
        foreach (var field in DataRow.Read(body).Fields)
            _ = field.IsNull ? 0 : field.Value.Length;
    }

    private static void ReadParameterDescription(ReadOnlySpan<byte> body)
    {
        var description = ParameterDescription.Read(body);
        for (var i = 0; i < description.Count; i++)
            _ = description[i];
    }

    private static void ReadDiagnostic(ReadOnlySpan<byte> body)
    {
        var fields = DiagnosticFields.Read(body);
        foreach (var field in fields)
            _ = field.Value.Length;
        _ = fields.SqlState.Length + (fields.IsFatal ? 1 : 0);
    }
}
