using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>Answers as PostgreSQL would: one row for everything, errors for what must fail, transactions, COPY, skipping until Sync.</summary>
/// <param name="table">Oid of the table with the secret column.</param>
/// <param name="column">Number of that column.</param>
internal sealed class PlainServer(uint table, short column)
{
    /// <summary>Value of the masked column.</summary>
    public const string Secret = "987-65-4321";

    private readonly Dictionary<string, string> _statements = [];
    private readonly Dictionary<string, string> _portals = [];
    private TransactionStatus _status = TransactionStatus.Idle;
    private bool _skips;
    private bool _copies;
    private bool _isSimple;

    /// <summary>What it says, until somebody takes it.</summary>
    public MessageWriter Out { get; } = new(4096);

    /// <summary>A real one would have closed the connection: it is not like one any more.</summary>
    public bool IsOver { get; private set; }

    public void On(in Frame frame)
    {
        if (_copies && frame.FrontendType is FrontendMessageType.CopyDone or FrontendMessageType.CopyFail)
        {
            _copies = false;
            if (frame.FrontendType == FrontendMessageType.CopyDone)
                CommandComplete.Write(Out, "COPY 1"u8);
            else
                Fail("57014");
            if (_isSimple)
                Ready();
            return;
        }

        // PostgreSQL ends the connection over it: what comes behind is nobody's business.
        IsOver |= _copies && frame.FrontendType is not (FrontendMessageType.CopyData or FrontendMessageType.Flush or FrontendMessageType.Sync);
        if (_copies || (_skips && frame.FrontendType != FrontendMessageType.Sync))
            return;
        switch (frame.FrontendType)
        {
            case FrontendMessageType.Query:
                _isSimple = true;
                _statements.Remove("");
                _portals.Remove("");
                Run(Encoding.UTF8.GetString(Query.Read(frame.Body).Text), describes: true);
                _skips = false;
                if (!_copies)
                    Ready();
                break;
            case FrontendMessageType.Parse:
                var parse = Parse.Read(frame.Body);
                var text = Encoding.UTF8.GetString(parse.Text);
                if (!FailsToPrepare(text))
                {
                    _statements[Encoding.UTF8.GetString(parse.Statement)] = text;
                    ParseComplete.Write(Out);
                }

                break;
            case FrontendMessageType.Bind:
                var bind = Bind.Read(frame.Body);
                if (!_statements.TryGetValue(Encoding.UTF8.GetString(bind.Statement), out var bound))
                {
                    Fail("26000");
                    break;
                }

                _portals[Encoding.UTF8.GetString(bind.Portal)] = bound;
                BindComplete.Write(Out);
                break;
            case FrontendMessageType.Describe:
                OnDescribe(Describe.Read(frame.Body));
                break;
            case FrontendMessageType.Execute:
                _isSimple = false;
                if (_portals.TryGetValue(Encoding.UTF8.GetString(Execute.Read(frame.Body).Portal), out var portal))
                    Run(portal, describes: false);
                else
                    Fail("34000");
                break;
            case FrontendMessageType.Close:
                var close = Close.Read(frame.Body);
                (close.Target == TargetKind.Statement ? _statements : _portals).Remove(Encoding.UTF8.GetString(close.Name));
                CloseComplete.Write(Out);
                break;
            case FrontendMessageType.FunctionCall:
                if (FunctionCall.Read(frame.Body).FunctionOid == 0)
                    Fail("42883");
                else if (!FailsInBlock())
                    FunctionCallResponse.Write(Out, "1"u8);
                _skips = false;
                Ready();
                break;
            case FrontendMessageType.Sync:
                _skips = false;
                Ready();
                break;
        }
    }

    private void OnDescribe(in Describe describe)
    {
        var name = Encoding.UTF8.GetString(describe.Name);
        if (!(describe.Target == TargetKind.Statement ? _statements : _portals).TryGetValue(name, out var text))
        {
            Fail(describe.Target == TargetKind.Statement ? "26000" : "34000");
            return;
        }

        if (describe.Target == TargetKind.Statement)
            ParameterDescription.Write(Out, text.Contains('$', StringComparison.Ordinal) ? [25] : []);
        if (Returns(text))
            Columns(text);
        else
            NoData.Write(Out);
    }

    private void Run(string text, bool describes)
    {
        if (text.Length == 0)
        {
            EmptyQueryResponse.Write(Out);
            return;
        }

        if (text.StartsWith("ROLLBACK", StringComparison.OrdinalIgnoreCase) || (text.StartsWith("COMMIT", StringComparison.OrdinalIgnoreCase) && _status == TransactionStatus.Failed))
        {
            _status = TransactionStatus.Idle;
            CommandComplete.Write(Out, "ROLLBACK"u8);
            return;
        }

        if (FailsInBlock() || FailsToPrepare(text))
            return;
        if (text.Contains("1/0", StringComparison.Ordinal))
        {
            Fail("22012");
        }
        else if (text.StartsWith("BEGIN", StringComparison.OrdinalIgnoreCase))
        {
            _status = TransactionStatus.InTransaction;
            CommandComplete.Write(Out, "BEGIN"u8);
        }
        else if (text.StartsWith("COMMIT", StringComparison.OrdinalIgnoreCase))
        {
            _status = TransactionStatus.Idle;
            CommandComplete.Write(Out, "COMMIT"u8);
        }
        else if (text.StartsWith("COPY", StringComparison.OrdinalIgnoreCase))
        {
            OnCopy(text);
        }
        else if (Returns(text))
        {
            if (describes)
                Columns(text);
            var row = DataRowWriter.Begin(Out, 1);
            row.WriteValue(Encoding.UTF8.GetBytes(IsSecret(text) ? Secret : "1"));
            row.End();
            CommandComplete.Write(Out, "SELECT 1"u8);
        }
        else
        {
            CommandComplete.Write(Out, "SET"u8);
        }
    }

    private void OnCopy(string text)
    {
        if (text.Contains("STDIN", StringComparison.OrdinalIgnoreCase))
        {
            _copies = true;
            CopyInResponse.Write(Out, FormatCode.Text, 1);
            return;
        }

        CopyOutResponse.Write(Out, FormatCode.Text, 1);
        CopyData.Write(Out, Encoding.UTF8.GetBytes((IsSecret(text) ? Secret : "1") + "\n"));
        CopyDone.Write(Out);
        CommandComplete.Write(Out, "COPY 1"u8);
    }

    private void Columns(string text)
    {
        var columns = RowDescriptionWriter.Begin(Out, 1);
        if (IsSecret(text))
            columns.WriteField("ssn"u8, 25, -1, FormatCode.Text, -1, table, column);
        else
            columns.WriteField("?column?"u8, 25, -1);
        columns.End();
    }

    private static bool IsSecret(string text) => text.Contains("ssn", StringComparison.Ordinal);

    private static bool Returns(string text) => text.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase) || text.StartsWith("FETCH", StringComparison.OrdinalIgnoreCase) || text.StartsWith("EXECUTE", StringComparison.OrdinalIgnoreCase);

    private bool FailsToPrepare(string text)
    {
        if (!text.Contains("weir-refused", StringComparison.Ordinal))
            return false;
        Fail(_status == TransactionStatus.Failed ? "25P02" : "42704");
        return true;
    }

    private bool FailsInBlock()
    {
        if (_status != TransactionStatus.Failed)
            return false;
        Fail("25P02");
        return true;
    }

    private void Fail(string sqlState)
    {
        ErrorResponse.Write(Out, Diagnostic.Error(sqlState, "no"));
        _skips = true;
        if (_status == TransactionStatus.InTransaction)
            _status = TransactionStatus.Failed;
    }

    /// <summary>Portals end with their transaction.</summary>
    private void Ready()
    {
        if (_status == TransactionStatus.Idle)
            _portals.Clear();
        ReadyForQuery.Write(Out, _status);
    }
}
