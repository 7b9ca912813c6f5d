using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Protocol.Postgres.Tests.Scram;

public sealed class ScramExchangeTests
{
    private const string ClientNonce = "fyko+d2lbbFgONRv9qkxdawL";
    private const string ServerNonce = "3rfcNHYJY1ZVvWVs7j";

    private static readonly byte[] Salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static readonly byte[] Binding = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("pencil", Salt, 100);

    [Theory]
    [InlineData(ChannelBindingPolicy.Disable, ChannelBindingPolicy.Disable, false)]
    [InlineData(ChannelBindingPolicy.Disable, ChannelBindingPolicy.Prefer, false)]
    [InlineData(ChannelBindingPolicy.Prefer, ChannelBindingPolicy.Disable, false)]
    [InlineData(ChannelBindingPolicy.Prefer, ChannelBindingPolicy.Prefer, true)]
    [InlineData(ChannelBindingPolicy.Require, ChannelBindingPolicy.Require, true)]
    [InlineData(ChannelBindingPolicy.Require, ChannelBindingPolicy.Prefer, true)]
    [InlineData(ChannelBindingPolicy.Prefer, ChannelBindingPolicy.Require, true)]
    public void The_right_password_is_accepted_and_bound_when_both_can(ChannelBindingPolicy serverPolicy, ChannelBindingPolicy clientPolicy, bool isBound)
    {
        var server = new ScramServer(Verifier, ServerNonce, serverPolicy, Binding);
        var client = new ScramClient("pencil", ClientNonce, clientPolicy, Binding);
        Run(client, server, out var answer).ShouldBe(ScramServerOutcome.Accepted);
        client.HandleServerFinal(answer).ShouldBe(ScramClientOutcome.Verified);
        server.IsChannelBound.ShouldBe(isBound);
        client.IsChannelBound.ShouldBe(isBound);
    }

    [Fact]
    public void A_wrong_password_gets_no_signature()
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []);
        Run(new ScramClient("Pencil", ClientNonce, ChannelBindingPolicy.Disable, []), server, out var answer).ShouldBe(ScramServerOutcome.WrongProof);
        answer.ShouldBeEmpty();
    }

    [Fact]
    public void An_unknown_user_runs_a_whole_exchange_that_looks_the_same_every_time()
    {
        var secret = new byte[32];
        var first = ScramVerifier.CreateMock(secret, "ann"u8, 100);
        first.Salt.ToArray().ShouldBe(ScramVerifier.CreateMock(secret, "ann"u8, 100).Salt.ToArray());
        first.Salt.ToArray().ShouldNotBe(ScramVerifier.CreateMock(secret, "bob"u8, 100).Salt.ToArray());
        first.Salt.Length.ShouldBe(ScramVerifier.DefaultSaltLength);

        var server = new ScramServer(first, ServerNonce, ChannelBindingPolicy.Disable, []);
        Run(new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Disable, []), server, out _).ShouldBe(ScramServerOutcome.WrongProof);
    }

    [Fact]
    public void A_client_that_saw_another_certificate_is_told_apart()
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Prefer, Binding);
        var client = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Prefer, new byte[32]);
        Run(client, server, out _).ShouldBe(ScramServerOutcome.ChannelBindingMismatch);
    }

    [Fact]
    public void A_client_that_could_bind_but_was_not_offered_it_is_refused_as_a_downgrade()
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Prefer, Binding);
        var violation = Should.Throw<ProtocolViolationException>(() => server.HandleFirst("SCRAM-SHA-256"u8, Bytes("y,,n=,r=" + ClientNonce)));
        violation.SqlState.ShouldBe("28000");
        var unbound = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []);
        unbound.HandleFirst("SCRAM-SHA-256"u8, Bytes("y,,n=,r=" + ClientNonce)).ShouldNotBeEmpty();
    }

    [Fact]
    public void A_client_that_requires_binding_goes_no_further_without_the_offer()
    {
        var client = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Require, Binding);
        Should.Throw<ProtocolViolationException>(() => client.SelectMechanism(Offer([ScramMechanism.Sha256])));
        var noTls = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Require, []);
        Should.Throw<ProtocolViolationException>(() => noTls.SelectMechanism(Offer([ScramMechanism.Sha256Plus, ScramMechanism.Sha256])));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", "")]
    [InlineData("SCRAM-SHA-256", "n")]
    [InlineData("SCRAM-SHA-256", "n,")]
    [InlineData("SCRAM-SHA-256", "n,,")]
    [InlineData("SCRAM-SHA-256", "n,,n=")]
    [InlineData("SCRAM-SHA-256", "n,,n=,")]
    [InlineData("SCRAM-SHA-256", "n,,r=abc")]
    [InlineData("SCRAM-SHA-256", "n,,n=,r=")]
    [InlineData("SCRAM-SHA-256", "n,,n=,r=a b")]
    [InlineData("SCRAM-SHA-256", "n,,n=,r=abc,")]
    [InlineData("SCRAM-SHA-256", "n,,m=x,n=,r=abc")]
    [InlineData("SCRAM-SHA-256", "n,a=eve,n=,r=abc")]
    [InlineData("SCRAM-SHA-256", "x,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256", "nn,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256-PLUS", "n,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256-PLUS", "y,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256-PLUS", "p=tls-unique,,n=,r=abc")]
    [InlineData("SCRAM-SHA-1", "n,,n=,r=abc")]
    [InlineData("", "n,,n=,r=abc")]
    public void Malformed_first_messages_are_violations(string mechanism, string message)
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Prefer, Binding);
        Should.Throw<ProtocolViolationException>(() => server.HandleFirst(Bytes(mechanism), Bytes(message))).IsFatal.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("c=biws")]
    [InlineData("c=biws,r=NONCE")]
    [InlineData("c=biws,r=NONCE,p=")]
    [InlineData("c=biws,r=NONCE,p=AAAA")]
    [InlineData("c=biws,r=NONCE,p=PROOF,x=1")]
    [InlineData("c=biws,r=NONCEx,p=PROOF")]
    [InlineData("c=bi ws,r=NONCE,p=PROOF")]
    [InlineData("c=eSws,r=NONCE,p=PROOF")]
    [InlineData("r=NONCE,p=PROOF")]
    public void Malformed_final_messages_are_violations(string message)
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []);
        server.HandleFirst("SCRAM-SHA-256"u8, Bytes("n,,n=,r=" + ClientNonce));
        message = message.Replace("NONCE", ClientNonce + ServerNonce, StringComparison.Ordinal).Replace("PROOF", Convert.ToBase64String(new byte[32]), StringComparison.Ordinal);
        Should.Throw<ProtocolViolationException>(() => server.HandleFinal(Bytes(message), out _)).IsFatal.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("r=")]
    [InlineData("r=CLIENT,s=AAAA,i=4096")]
    [InlineData("r=otherX,s=AAAA,i=4096")]
    [InlineData("r=CLIENTX,s=,i=4096")]
    [InlineData("r=CLIENTX,s=A,i=4096")]
    [InlineData("r=CLIENTX,s=AAAA,i=0")]
    [InlineData("r=CLIENTX,s=AAAA,i=-1")]
    [InlineData("r=CLIENTX,s=AAAA,i=10000001")]
    [InlineData("r=CLIENTX,s=AAAA,i=99999999999999999999")]
    [InlineData("r=CLIENTX,s=AAAA,i=1x")]
    [InlineData("r=CLIENTX,s=AAAA")]
    [InlineData("m=x,r=CLIENTX,s=AAAA,i=4096")]
    public void Hostile_servers_are_violations_before_any_key_is_derived(string message)
    {
        var client = Started(out _);
        Should.Throw<ProtocolViolationException>(() => client.HandleServerFirst(Bytes(message.Replace("CLIENT", ClientNonce, StringComparison.Ordinal))));
        client.Keys.ShouldBeNull();
    }

    [Fact]
    public void A_nonce_of_megabytes_is_refused()
    {
        var client = Started(out _);
        var message = "r=" + ClientNonce + new string('x', 1_000_000) + ",s=AAAA,i=4096";
        Should.Throw<ProtocolViolationException>(() => client.HandleServerFirst(Bytes(message)));
    }

    [Fact]
    public void A_server_without_the_verifier_is_found_out()
    {
        var client = Started(out _);
        client.HandleServerFirst(Bytes($"r={ClientNonce}X,s=AAAA,i=1"));
        client.HandleServerFinal(Bytes("v=" + Convert.ToBase64String(new byte[32]))).ShouldBe(ScramClientOutcome.WrongSignature);
        client.IsServerVerified.ShouldBeFalse();
    }

    [Fact]
    public void An_error_of_the_server_is_an_outcome()
    {
        var client = Started(out _);
        client.HandleServerFirst(Bytes($"r={ClientNonce}X,s=AAAA,i=1"));
        client.HandleServerFinal(Bytes("e=invalid-proof")).ShouldBe(ScramClientOutcome.Refused);
        client.IsServerVerified.ShouldBeFalse();
    }

    [Fact]
    public void Keys_are_reused_only_for_the_same_salt_and_iterations()
    {
        using var keys = ScramKeys.Derive("pencil", Salt, 100);
        var client = new ScramClient("not used", ClientNonce, ChannelBindingPolicy.Disable, [], keys);
        Run(client, new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []), out _).ShouldBe(ScramServerOutcome.Accepted);
        client.Keys.ShouldBeSameAs(keys);

        var other = ScramVerifier.Create("pencil", Salt, 101);
        client = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Disable, [], keys);
        Run(client, new ScramServer(other, ServerNonce, ChannelBindingPolicy.Disable, []), out _).ShouldBe(ScramServerOutcome.Accepted);
        client.Keys.ShouldNotBeSameAs(keys);
    }

    [Fact]
    public void Steps_out_of_order_are_a_defect_of_the_caller()
    {
        var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []);
        Should.Throw<InvalidOperationException>(() => server.HandleFinal([], out _));
        server.HandleFirst("SCRAM-SHA-256"u8, Bytes("n,,n=,r=" + ClientNonce));
        Should.Throw<InvalidOperationException>(() => server.HandleFirst("SCRAM-SHA-256"u8, Bytes("n,,n=,r=" + ClientNonce)));
        Should.Throw<InvalidOperationException>(() => new ScramClient("p", ClientNonce, ChannelBindingPolicy.Disable, []).CreateFirst());
    }

    [Fact]
    public void Arbitrary_bytes_are_never_accepted()
    {
        var text = Gen.String[Gen.Char["nycrpsivem=,AB+/\0 "], 0, 40];
        Gen.Select(text, text, text).Sample((first, final, hostile) =>
        {
            var server = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Prefer, Binding);
            ViolationOr(() => server.HandleFirst("SCRAM-SHA-256"u8, Bytes(first)));
            var second = new ScramServer(Verifier, ServerNonce, ChannelBindingPolicy.Disable, []);
            second.HandleFirst("SCRAM-SHA-256"u8, Bytes("n,,n=,r=" + ClientNonce));
            ViolationOr(() => second.HandleFinal(Bytes(final), out _).ShouldNotBe(ScramServerOutcome.Accepted));
            var client = Started(out _);
            ViolationOr(() => client.HandleServerFirst(Bytes(hostile)));
        });
    }

    private static void ViolationOr(Action action)
    {
        try
        {
            action();
        }
        catch (ProtocolViolationException violation)
        {
            violation.IsFatal.ShouldBeTrue();
        }
    }

    private static ScramClient Started(out byte[] first)
    {
        var client = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Disable, []);
        client.SelectMechanism(Offer([ScramMechanism.Sha256]));
        first = client.CreateFirst();
        return client;
    }

    private static ScramServerOutcome Run(ScramClient client, ScramServer server, out byte[] answer)
    {
        var mechanism = client.SelectMechanism(Offer([.. server.Mechanisms]));
        var serverFirst = server.HandleFirst(Bytes(mechanism), client.CreateFirst());
        return server.HandleFinal(client.HandleServerFirst(serverFirst), out answer);
    }

    private static AuthenticationMessage Offer(string[] mechanisms)
    {
        var writer = new MessageWriter();
        AuthenticationMessage.WriteSasl(writer, mechanisms);
        return AuthenticationMessage.Read(writer.Written[FrameHeader.Size..]);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
