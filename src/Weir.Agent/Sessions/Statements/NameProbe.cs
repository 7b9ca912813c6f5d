using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Asks the server, inside the client's session, what names mean now, after something may have changed it. Settings by SHOW, which takes no snapshot, so
/// that a SET TRANSACTION of the client still comes first; the oids of temporary tables after they were made, which took one. Nothing that can fail; only the extended protocol, so that neither an open run nor a transaction is ended. The client sees nothing of it.
/// </summary>
internal sealed class NameProbe(RelayState state)
{
    private static readonly byte[][] Settings = ["SHOW search_path"u8.ToArray(), "SHOW role"u8.ToArray(), "SHOW session_authorization"u8.ToArray()];
    private static readonly byte[] Name = Encoding.ASCII.GetBytes("weir-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));

    private readonly List<string> _answers = [];
    private string[] _tables = [];
    private int _asked;
    private bool _asksSettings;
    private int _closed;

    public bool IsRunning { get; private set; }

    /// <summary>The questions are a run of their own: an error in it is not the client's.</summary>
    public bool EndsWithSync { get; private set; }

    public void Start()
    {
        IsRunning = true;
        _answers.Clear();
        _asked = _closed = 0;
        EndsWithSync = !state.HasUnsynced;
        _asksSettings = state.Surroundings.IsStale;
        _tables = state.Surroundings.TakeNewTables();
        var questions = _asksSettings ? Settings.AsEnumerable() : [];
        foreach (var question in questions.Concat(_tables.Select(OidOf)))
        {
            _asked++;
            Parse.Write(state.ToUpstream, Name, question);
            state.InFlight.Add(InFlightKind.Parse).Purpose = InFlightPurpose.Names;
            BindWriter.Begin(state.ToUpstream, Name, Name, [], 0).End([]);
            state.InFlight.Add(InFlightKind.Bind).Purpose = InFlightPurpose.Names;
            Execute.Write(state.ToUpstream, Name);
            state.InFlight.Add(InFlightKind.Execute).Purpose = InFlightPurpose.Names;
            // The portal too: it would stay until the end of the client's transaction.
            foreach (var target in (ReadOnlySpan<TargetKind>)[TargetKind.Portal, TargetKind.Statement])
            {
                Close.Write(state.ToUpstream, target, Name);
                state.InFlight.Add(InFlightKind.Close).Purpose = InFlightPurpose.Names;
            }
        }

        if (EndsWithSync)
        {
            Sync.Write(state.ToUpstream);
            state.InFlight.Add(InFlightKind.Sync).Purpose = InFlightPurpose.Names;
        }
        else
        {
            Weir.Protocol.Postgres.Frontend.Flush.Write(state.ToUpstream);
            state.HasUnflushed = false;
        }
    }

    public void OnRow(ReadOnlySpan<byte> body)
    {
        foreach (var field in DataRow.Read(body).Fields)
        {
            _answers.Add(field.IsNull ? "" : Encoding.UTF8.GetString(field.Value));
            return;
        }
    }

    /// <summary>An injected message was answered.</summary>
    public void OnStep(InFlightKind kind)
    {
        if (kind == InFlightKind.Close)
            _closed++;
        if (EndsWithSync ? kind == InFlightKind.Sync : kind == InFlightKind.Close && _closed == 2 * _asked)
            Finish();
    }

    /// <summary>The client's run failed, and the questions in it with it. The next statement asks again.</summary>
    public void OnDropped()
    {
        IsRunning = false;
        state.Surroundings.GiveBack(_tables);
        state.Resume();
    }

    private void Finish()
    {
        IsRunning = false;
        if (_answers.Count == _asked)
        {
            if (_asksSettings)
                state.Surroundings.OnProbed(_answers[0], _answers[1] is "none" or "" ? _answers[2] : _answers[1], _answers[2]);
            foreach (var answer in _answers.Skip(_asked - _tables.Length))
            {
                if (uint.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var oid))
                    state.Surroundings.OnTemporaryTable(oid);
            }
        }
        else
        {
            // A cancel hit the question.
            state.Surroundings.GiveBack(_tables);
        }

        state.Resume();
    }

    private static byte[] OidOf(string table)
    {
        var name = "pg_temp.\"" + table.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        return Encoding.UTF8.GetBytes($"SELECT pg_catalog.to_regclass('{name.Replace("'", "''", StringComparison.Ordinal)}')::pg_catalog.oid");
    }
}
