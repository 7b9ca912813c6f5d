using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>Well-formed messages of a server at a moment when nobody has asked for them.</summary>
internal static class HostileServer
{
    private static readonly Action<MessageWriter>[] Messages =
    [
        static w => ReadyForQuery.Write(w, TransactionStatus.Idle), static w => ReadyForQuery.Write(w, TransactionStatus.InTransaction), static w => ReadyForQuery.Write(w, TransactionStatus.Failed),
        ParseComplete.Write, BindComplete.Write, CloseComplete.Write, NoData.Write, PortalSuspended.Write, EmptyQueryResponse.Write, CopyDone.Write,
        static w => CommandComplete.Write(w, "SELECT 1"u8), static w => CommandComplete.Write(w, "ROLLBACK"u8), static w => CommandComplete.Write(w, "COPY 5"u8), static w => CommandComplete.Write(w, []),
        static w => ErrorResponse.Write(w, Diagnostic.Error("42P01", "no")), static w => ErrorResponse.Write(w, Diagnostic.Fatal("57P01", "over")), static w => NoticeResponse.Write(w, Diagnostic.Notice("hm")),
        static w => ParameterStatus.Write(w, "client_encoding", "SJIS"), static w => ParameterStatus.Write(w, "client_encoding", "UTF8"), static w => ParameterStatus.Write(w, "standard_conforming_strings", "off"),
        static w => ParameterStatus.Write(w, "search_path", "other"), static w => NotificationResponse.Write(w, 1, "c"u8, "p"u8), static w => BackendKeyData.Write(w, new CancelKey(2, [4, 3, 2, 1])),
        static w => CopyInResponse.Write(w, FormatCode.Text, 1), static w => CopyOutResponse.Write(w, FormatCode.Binary, 1), static w => CopyBothResponse.Write(w, FormatCode.Text, 0),
        static w => CopyData.Write(w, "1\n"u8), static w => FunctionCallResponse.Write(w, "1"u8), FunctionCallResponse.WriteNull, static w => ParameterDescription.Write(w, [25]),
        static w =>
        {
            var columns = RowDescriptionWriter.Begin(w, 2);
            columns.WriteField("a"u8, 25, -1);
            columns.WriteField("b"u8, 23, 4, FormatCode.Binary, -1, 1259, 1);
            columns.End();
        },
        static w =>
        {
            var row = DataRowWriter.Begin(w, 2);
            row.WriteValue("1"u8);
            row.WriteNull();
            row.End();
        },
        static w => DataRowWriter.Begin(w, 0).End(),
        AuthenticationMessage.WriteOk, AuthenticationMessage.WriteCleartextPassword,

        // An error without SQLSTATE, one without any field, one without its end; a NegotiateProtocolVersion.
        static w => w.WriteBytes([(byte)'E', 0, 0, 0, 9, (byte)'M', (byte)'x', 0, 0]), static w => w.WriteBytes([(byte)'E', 0, 0, 0, 5, 0]), static w => w.WriteBytes([(byte)'E', 0, 0, 0, 6, (byte)'M', (byte)'x']),
        static w => NegotiateProtocolVersion.Write(w, Weir.Protocol.Postgres.Startup.ProtocolVersion.V30, []),
    ];

    public static void Say(MessageWriter writer, int which) => Messages[which % Messages.Length](writer);
}
