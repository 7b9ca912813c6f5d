using System.Text;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Protocol.Postgres.Tests.Scram;

/// <summary>The example of RFC 7677 section 3, from both sides.</summary>
public sealed class ScramVectorTests
{
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ClientFirst = "n,,n=user,r=" + ClientNonce;
    private const string ServerFirst = "r=" + ClientNonce + ServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal = "c=biws,r=" + ClientNonce + ServerNonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static readonly byte[] Salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");

    [Fact]
    public void Client_sends_what_the_RFC_says_and_verifies_the_server()
    {
        var client = new ScramClient("pencil", ClientNonce, ChannelBindingPolicy.Disable, []) { UserName = "user" };
        client.SelectMechanism(Offer(ScramMechanism.Sha256)).ShouldBe(ScramMechanism.Sha256);
        Text(client.CreateFirst()).ShouldBe(ClientFirst);
        Text(client.HandleServerFirst(Bytes(ServerFirst))).ShouldBe(ClientFinal);
        client.IsServerVerified.ShouldBeFalse();
        client.HandleServerFinal(Bytes(ServerFinal)).ShouldBe(ScramClientOutcome.Verified);
        client.IsServerVerified.ShouldBeTrue();
    }

    [Fact]
    public void Server_sends_what_the_RFC_says_and_accepts_the_proof()
    {
        var server = new ScramServer(ScramVerifier.Create("pencil", Salt), ServerNonce, ChannelBindingPolicy.Disable, []);
        Text(server.HandleFirst("SCRAM-SHA-256"u8, Bytes(ClientFirst))).ShouldBe(ServerFirst);
        server.HandleFinal(Bytes(ClientFinal), out var answer).ShouldBe(ScramServerOutcome.Accepted);
        Text(answer).ShouldBe(ServerFinal);
    }

    private static AuthenticationMessage Offer(params string[] mechanisms)
    {
        var writer = new MessageWriter();
        AuthenticationMessage.WriteSasl(writer, mechanisms);
        return AuthenticationMessage.Read(writer.Written[FrameHeader.Size..]);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);
}
