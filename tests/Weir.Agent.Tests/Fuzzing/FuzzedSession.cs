using System.Text;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>One session that is played by an input: pairs of what is done and how, now and then followed by bytes.</summary>
internal sealed class FuzzedSession
{
    private static readonly string[] Names = ["", "a", "b", "c"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FuzzFacts _facts;
    private readonly FuzzDriver _driver = new();
    private readonly CheckedRecording _recording = new();
    private readonly PostgresSession _session;
    private readonly PlainServer _server;
    private readonly FuzzedPeer _client = new();
    private readonly FuzzedPeer _upstream = new();
    private readonly MessageWriter _say = new();
    private byte[] _toClient = [];
    private byte[] _toUpstream = [];
    private long _asked;
    private long _readies;
    private bool _isHonest = true;

    public FuzzedSession(FuzzFacts facts)
    {
        _facts = facts;
        _server = new PlainServer(facts.Table, facts.Column);
        var info = new ClientInfo("127.0.0.1", IsLocal: true, IsTls: true, default, IsRelayed: false, facts.KeyHash);
        _session = new PostgresSession(facts.Host.Services with { Recorder = _recording }, info, _driver);
    }

    public void Run(byte[] input)
    {
        LogIn();
        for (var at = 0; at + 1 < input.Length && !_session.IsOver;)
        {
            var (what, how) = (input[at], input[at + 1]);
            at += 2;
            var length = what % 16 is 9 or 11 ? Math.Min(how % 64, input.Length - at) : 0;
            Do(what % 16, how, input.AsSpan(at, length));
            at += length;
            Pump();
        }

        if (!_session.IsOver)
            _session.OnClientClosed(isOrderly: true);
        Pump();
        Require(_session.IsOver && _recording.IsEnded, "the session has no end");
        Require(_recording.Fault is null, _recording.Fault ?? "");
        // An honest server is never taken for another.
        var errors = _facts.Host.Log.Errors.Where(e => (_isHonest && !_server.IsOver) || !e.Contains("the database violated the protocol", StringComparison.Ordinal)).ToArray();
        _facts.Host.Log.Clear();
        Require(errors.Length == 0, string.Join("; ", errors));
    }

    private void LogIn()
    {
        StartupMessage.Write(_say, ProtocolVersion.V30, [new("user", _facts.CredentialId), new("database", "orders")]);
        _session.Start(_say.Written);
        var since = TimeProvider.System.GetTimestamp();
        var isStarted = false;
        while (_session.ClientKey is null)
        {
            Require(!_session.IsOver && TimeProvider.System.GetElapsedTime(since) < Patience, "no login");
            if (!_driver.TryRun(_session))
                Thread.Yield();
            if (_session.ToUpstream.Length == 0)
                continue;
            _session.ToUpstream.Clear();
            _say.Clear();
            if (isStarted)
                AnswerProbe();
            else
                AnswerStartup();
            isStarted = true;
            _session.OnUpstreamBytes(_say.Written);
        }

        _session.ToClient.Clear();
    }

    private void AnswerStartup()
    {
        AuthenticationMessage.WriteOk(_say);
        foreach (var (name, value) in new[] { ("server_version", "18.4"), ("client_encoding", "UTF8"), ("standard_conforming_strings", "on"), ("in_hot_standby", "off"), ("search_path", "\"$user\", public") })
            ParameterStatus.Write(_say, name, value);
        BackendKeyData.Write(_say, new CancelKey(1, [1, 2, 3, 4]));
        ReadyForQuery.Write(_say, TransactionStatus.Idle);
    }

    private void AnswerProbe()
    {
        var row = DataRowWriter.Begin(_say, 5);
        foreach (var value in new[] { "\"$user\", public", "orders_app", "orders_app", "1", "180004" })
            row.WriteValue(Encoding.UTF8.GetBytes(value));
        row.End();
        CommandComplete.Write(_say, "SELECT 1"u8);
        ReadyForQuery.Write(_say, TransactionStatus.Idle);
    }

    private void Do(int what, byte how, ReadOnlySpan<byte> bytes)
    {
        _say.Clear();
        var name = Encoding.UTF8.GetBytes(Names[how & 3]);
        switch (what)
        {
            case 0:
                Query.Write(_say, Encoding.UTF8.GetBytes(SessionTarget.Texts[how % SessionTarget.Texts.Length]));
                break;
            case 1:
                Parse.Write(_say, name, Encoding.UTF8.GetBytes(SessionTarget.Texts[(how >> 2) % SessionTarget.Texts.Length]), []);
                break;
            case 2:
                var bind = BindWriter.Begin(_say, name, Encoding.UTF8.GetBytes(Names[(how >> 2) & 3]), [], (short)((how >> 4) & 1));
                if (((how >> 4) & 1) != 0)
                    bind.WriteValue("x"u8);
                bind.End((how & 0x80) == 0 ? [] : [FormatCode.Binary]);
                break;
            case 3:
                Execute.Write(_say, name, (how >> 2) & 3);
                break;
            case 4:
                Describe.Write(_say, (how & 4) == 0 ? TargetKind.Statement : TargetKind.Portal, name);
                break;
            case 5:
                Close.Write(_say, (how & 4) == 0 ? TargetKind.Statement : TargetKind.Portal, name);
                break;
            case 6 when how % 8 == 1:
                Flush.Write(_say);
                break;
            case 6:
                Sync.Write(_say);
                break;
            case 7:
                FunctionCall.Write(_say, how % 3 == 0 ? 3062u : how, FormatCode.Text, [[.. "x"u8]], FormatCode.Text);
                break;
            case 8 when how % 3 == 0:
                CopyData.Write(_say, "x\n"u8);
                break;
            case 8 when how % 3 == 1:
                CopyDone.Write(_say);
                break;
            case 8:
                CopyFail.Write(_say, "no"u8);
                break;
            case 9:
                _say.WriteBytes(bytes);
                break;
            case 10:
                Answer(how == 0 ? int.MaxValue : how);
                return;
            case 11:
                _isHonest = false;
                _upstream.Add(bytes);
                return;
            case 12:
                _isHonest = false;
                HostileServer.Say(_say, how);
                _upstream.Add(_say.Written);
                return;
            case 13:
                Happen(how);
                return;
            case 14:
                _client.Piece = _upstream.Piece = how;
                return;
            default:
                _isHonest = false;
                _server.Out.Clear();
                return;
        }

        _client.Add(_say.Written);
    }

    /// <summary>What the server has to say, or so much of it.</summary>
    private void Answer(int most)
    {
        var said = _server.Out.Written;
        var taken = Math.Min(most, said.Length);
        _upstream.Add(said[..taken]);
        var rest = said[taken..].ToArray();
        _server.Out.Clear();
        _server.Out.WriteBytes(rest);
    }

    private void Happen(byte how)
    {
        switch (how % 5)
        {
            case 0:
                _session.OnTimer();
                break;
            case 1:
                _session.OnCancel();
                break;
            case 2:
                _session.OnPolicyChanged();
                break;
            case 3:
                _session.OnCatalogReplaced();
                break;
            default:
                _isHonest = false;
                _session.OnUpstreamClosed();
                break;
        }
    }

    private void Pump()
    {
        bool goesOn;
        do
        {
            goesOn = _driver.TryRun(_session);
            Collect();
            if (_session.ReadsClient)
                goesOn |= _client.Give(_session.OnClientBytes, () => _session.ReadsClient, Collect, OnClientFrame);
            if (_session.ReadsUpstream)
                goesOn |= _upstream.Give(_session.OnUpstreamBytes, () => _session.ReadsUpstream, Collect, null);
        }
        while (goesOn && !_session.IsOver);
        Collect();
    }

    /// <summary>Questions that the session has taken.</summary>
    private void OnClientFrame(byte type)
    {
        if ((FrontendMessageType)type is FrontendMessageType.Query or FrontendMessageType.Sync or FrontendMessageType.FunctionCall)
            _asked++;
    }

    /// <summary>Takes what the session says to both sides, and looks at it.</summary>
    private void Collect()
    {
        _toUpstream = [.. _toUpstream, .. _session.ToUpstream.Written];
        var scanner = new FrameScanner(_toUpstream, MessageDirection.Frontend, ProtocolLimits.Default);
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            if (frame.FrontendType is FrontendMessageType.Query or FrontendMessageType.Parse)
            {
                var text = Encoding.UTF8.GetString(frame.FrontendType == FrontendMessageType.Query ? Query.Read(frame.Body).Text : Parse.Read(frame.Body).Text);
                Require(!SessionTarget.Denied.Contains(text), "denied, and forwarded: " + text);
            }

            _server.On(frame);
        }

        Require(scanner.Rest.IsEmpty || _session.IsInsideUpstreamMessage, "half a message went upstream");
        _toUpstream = scanner.Rest.ToArray();
        _session.ToUpstream.Clear();

        _toClient = [.. _toClient, .. _session.ToClient.Written];
        Require(!_isHonest || _toClient.AsSpan().IndexOf("987-65-4321"u8) < 0, "a masked value came back");
        scanner = new FrameScanner(_toClient, MessageDirection.Backend, ProtocolLimits.Default);
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            if (frame.BackendType == BackendMessageType.ReadyForQuery)
                _readies++;
        }

        Require(scanner.Rest.IsEmpty || _session.IsInsideClientMessage, "half a message went to the client");
        _toClient = scanner.Rest.ToArray();
        _session.ToClient.Clear();
        Require(_readies <= _asked, $"{_readies} times ready, asked {_asked} times");
    }

    private static void Require(bool holds, string fault)
    {
        if (!holds)
            throw new InvalidOperationException(fault);
    }
}
