using System.Text;
using Weir.Agent.Upstream;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Tests.Sessions;

/// <summary>What a database server may say while the agent logs in, and shouldn't.</summary>
public sealed class HostileLoginTests
{
    private const string Password = "the-password";

    private readonly MessageWriter _toServer = new();
    private readonly MessageWriter _server = new();

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(500_000)]
    public void Iterations_up_to_the_limit_are_done(int iterations)
    {
        var handshake = Begin();
        Sasl(handshake);
        First(handshake, n => $"r={n}server,s=c2FsdA==,i={iterations}").ShouldBe(UpstreamStep.NeedBytes);
        _toServer.Length.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("i=500001")]
    [InlineData("i=2147483647")]
    [InlineData("i=99999999999999999999")]
    [InlineData("i=0")]
    [InlineData("i=-1")]
    [InlineData("i=")]
    [InlineData("i=4096x")]
    [InlineData("")]
    public void More_work_than_the_limit_or_none_is_refused_before_it_is_begun(string iterations)
    {
        var handshake = Begin();
        Sasl(handshake);
        First(handshake, n => $"r={n}server,s=c2FsdA==,{iterations}").ShouldBe(UpstreamStep.Failed);
        handshake.Failure!.SqlState.ShouldBe(SqlStates.ProtocolViolation);
        _toServer.Length.ShouldBe(0);
    }

    [Fact]
    public void A_nonce_that_is_not_ours_that_adds_nothing_or_that_has_no_end_is_refused()
    {
        foreach (var answer in new Func<string, string>[]
        {
            _ => "r=another,s=c2FsdA==,i=4096", n => $"r={n[1..]}server,s=c2FsdA==,i=4096", n => $"r={n},s=c2FsdA==,i=4096", n => $"r={n}a\u0001b,s=c2FsdA==,i=4096", n => $"r={n}server,s=,i=4096", n => $"r={n}server,s=!!,i=4096",
            n => $"s=c2FsdA==,r={n}server,i=4096", n => $"m=ext,r={n}server,s=c2FsdA==,i=4096", _ => "", _ => "e=other-error",
        })
        {
            var handshake = Begin();
            Sasl(handshake);
            First(handshake, answer).ShouldBe(UpstreamStep.Failed, answer("n"));
            _toServer.Length.ShouldBe(0, answer("n"));
        }
    }

    [Fact]
    public void A_server_that_does_not_prove_that_it_knows_the_password_is_not_used()
    {
        foreach (var last in new Action<MessageWriter>[]
        {
            AuthenticationMessage.WriteOk, w => AuthenticationMessage.WriteSaslFinal(w, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="u8), w => AuthenticationMessage.WriteSaslFinal(w, []), w => AuthenticationMessage.WriteSaslFinal(w, "e=no"u8),
            w => AuthenticationMessage.WriteSasl(w, "SCRAM-SHA-256"), w => AuthenticationMessage.WriteSaslContinue(w, "r=again,s=c2FsdA==,i=1"u8), w => AuthenticationMessage.WriteMd5Password(w, [1, 2, 3, 4]),
        })
        {
            var handshake = Begin();
            Sasl(handshake);
            First(handshake, n => $"r={n}server,s=c2FsdA==,i=4096").ShouldBe(UpstreamStep.NeedBytes);
            _toServer.Clear();
            last(_server);
            var step = Give(handshake);

            // A weaker question behind a stronger one must not get the password in another form.
            if (step == UpstreamStep.NeedBytes)
                _toServer.Written.IndexOf("md5"u8).ShouldBe(-1);
            step.ShouldBe(UpstreamStep.Failed);
        }
    }

    [Fact]
    public void A_password_in_clear_text_is_sent_over_TLS_only()
    {
        var plain = Begin();
        AuthenticationMessage.WriteCleartextPassword(_server);
        Give(plain).ShouldBe(UpstreamStep.Failed);
        _toServer.Written.IndexOf(Encoding.UTF8.GetBytes(Password)).ShouldBe(-1);
    }

    [Theory]
    [InlineData("SCRAM-SHA-512")]
    [InlineData("OAUTHBEARER")]
    public void Mechanisms_that_are_not_known_are_refused(string mechanism)
    {
        var handshake = Begin();
        AuthenticationMessage.WriteSasl(_server, mechanism);
        Give(handshake).ShouldBe(UpstreamStep.Failed);
    }

    [Fact]
    public void Of_repeated_keys_the_last_counts_and_each_is_of_a_possible_length()
    {
        var handshake = Begin();
        AuthenticationMessage.WriteOk(_server);
        BackendKeyData.Write(_server, new CancelKey(1, [1, 2, 3, 4]));
        BackendKeyData.Write(_server, new CancelKey(2, new byte[256]));
        ReadyForQuery.Write(_server, TransactionStatus.Idle);
        Give(handshake).ShouldBe(UpstreamStep.Ready);
        handshake.BackendKey!.ProcessId.ShouldBe(2);

        foreach (var length in new[] { 0, 3, 257, 20_000 })
        {
            var other = Begin();
            AuthenticationMessage.WriteOk(_server);
            _server.WriteBytes([(byte)'K', 0, 0, (byte)((length + 8) >> 8), (byte)(length + 8), 0, 0, 0, 1, .. new byte[length]]);
            Give(other).ShouldBe(UpstreamStep.Failed, $"{length}");
        }
    }

    [Fact]
    public void Errors_without_the_fields_that_every_error_has_end_the_login_with_a_reason()
    {
        foreach (var body in new byte[][] { [0], [(byte)'M', (byte)'x', 0, 0], [(byte)'S', (byte)'F', 0, (byte)'C', 0, 0], [.. "SFATAL\0C28P01\0"u8, 0], [.. "Cnot-a-state-at-all\0M\0"u8, 0], [.. "C"u8, 0xFF, 0xFE, 0, 0], [] })
        {
            var handshake = Begin();
            _server.WriteBytes([(byte)'E', 0, 0, 0, (byte)(body.Length + 4), .. body]);
            Give(handshake).ShouldBe(UpstreamStep.Failed);
            handshake.Failure!.SqlState.Length.ShouldBe(5);
            handshake.Failure.Message.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void What_belongs_behind_authentication_is_refused_in_front_of_it_and_the_other_way_round()
    {
        foreach (var early in new Action<MessageWriter>[]
        {
            w => ParameterStatus.Write(w, "a", "b"), w => BackendKeyData.Write(w, new CancelKey(1, [1, 2, 3, 4])), w => ReadyForQuery.Write(w, TransactionStatus.Idle), w => CommandComplete.Write(w, "SELECT 1"u8),
            w => NegotiateProtocolVersion.Write(w, new ProtocolVersion(3, 9999), []), w => w.WriteBytes([(byte)'R', 0, 0, 0, 4]), w => w.WriteBytes([(byte)'R', 0x7F, 0xFF, 0xFF, 0xFF]), w => w.WriteBytes([(byte)'z', 0, 0, 0, 4]),
        })
        {
            var handshake = Begin();
            early(_server);
            Give(handshake).ShouldBe(UpstreamStep.Failed);
        }

        foreach (var late in new Action<MessageWriter>[]
        {
            AuthenticationMessage.WriteOk, AuthenticationMessage.WriteCleartextPassword, w => NegotiateProtocolVersion.Write(w, ProtocolVersion.V30, []), w => DataRowWriter.Begin(w, 0).End(),
        })
        {
            var handshake = Begin();
            AuthenticationMessage.WriteOk(_server);
            late(_server);
            Give(handshake).ShouldBe(UpstreamStep.Failed);
        }
    }

    [Fact]
    public void More_parameters_than_any_server_has_end_the_login()
    {
        var handshake = Begin();
        AuthenticationMessage.WriteOk(_server);
        for (var i = 0; i < 300; i++)
            ParameterStatus.Write(_server, $"p{i}", "v");
        Give(handshake).ShouldBe(UpstreamStep.Failed);

        handshake = Begin();
        AuthenticationMessage.WriteOk(_server);
        for (var i = 0; i < 10; i++)
            ParameterStatus.Write(_server, "p", new string('v', 10_000));
        Give(handshake).ShouldBe(UpstreamStep.Failed);
    }

    private UpstreamHandshake Begin()
    {
        _toServer.Clear();
        _server.Clear();
        var login = new UpstreamLogin("app", Password, "orders", UpstreamTls.Disable, null, ProtocolVersion.V32, [], "any");
        var handshake = new UpstreamHandshake(login, new UpstreamHost("db", 5432), new ScramKeyCache());
        handshake.Begin(_toServer).ShouldBe(UpstreamStep.NeedBytes);
        _toServer.Clear();
        return handshake;
    }

    private void Sasl(UpstreamHandshake handshake)
    {
        AuthenticationMessage.WriteSasl(_server, "SCRAM-SHA-256");
        Give(handshake).ShouldBe(UpstreamStep.NeedBytes);
    }

    /// <param name="answer">Of the client's nonce.</param>
    private UpstreamStep First(UpstreamHandshake handshake, Func<string, string> answer)
    {
        var said = Encoding.ASCII.GetString(_toServer.Written);
        var nonce = said[(said.IndexOf("r=", StringComparison.Ordinal) + 2)..];
        _toServer.Clear();
        AuthenticationMessage.WriteSaslContinue(_server, Encoding.ASCII.GetBytes(answer(nonce)));
        return Give(handshake);
    }

    private UpstreamStep Give(UpstreamHandshake handshake)
    {
        var step = handshake.OnBytes(_server.Written, _toServer, out _);
        _server.Clear();
        return step;
    }
}
