using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Statements that must fail on the server, sent in place of refused ones: order under pipelining, skipping until Sync and the aborted
/// transaction then come from PostgreSQL itself. Names are random per process, so that no client can make one exist.
/// </summary>
internal static class Substitute
{
    private static readonly byte[] Nonce = Encoding.ASCII.GetBytes("weir-refused-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));

    /// <summary>Parses, so that an aborted transaction answers 25P02 by itself; fails with 42704, since there is no such type.</summary>
    private static readonly byte[] Text = [.. "SELECT NULL::pg_catalog.\""u8, .. Nonce, .. "\""u8];

    public static void WriteQuery(MessageWriter upstream) => Query.Write(upstream, Text);

    public static void WriteParse(MessageWriter upstream, in Parse parse) => parse.Rewrite(upstream, parse.Statement, Text);

    /// <summary>A Parse that was too malformed to be read.</summary>
    public static void WriteParse(MessageWriter upstream) => Parse.Write(upstream, [], Text);

    /// <summary>Fails with 26000.</summary>
    public static void WriteBind(MessageWriter upstream) => BindWriter.Begin(upstream, Nonce, Nonce, [], 0).End([]);

    /// <summary>Fails with 34000. A failing unnamed Parse would do away with the client's own unnamed statement.</summary>
    public static void WriteExecute(MessageWriter upstream) => Execute.Write(upstream, Nonce);

    public static void WriteDescribe(MessageWriter upstream) => Describe.Write(upstream, TargetKind.Portal, Nonce);

    /// <summary>Fails with 42883: nothing has oid 0.</summary>
    public static void WriteFunctionCall(MessageWriter upstream) => FunctionCall.Write(upstream, 0, FormatCode.Text, [], FormatCode.Text);

    /// <summary>The error is the substitute's own, not that of a cancel, a time-out or an aborted transaction that came first.</summary>
    public static bool IsOwnError(ReadOnlySpan<byte> sqlState) =>
        sqlState.SequenceEqual("42704"u8) || sqlState.SequenceEqual("26000"u8) || sqlState.SequenceEqual("34000"u8) || sqlState.SequenceEqual("42883"u8);
}
