using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;
using Weir.Testing.Postgres;

namespace Weir.Protocol.Postgres.Tests.RealServer;

public sealed class LogInTests(TlsServerFixture fixture)
{
    [Theory]
    [InlineData(false, ChannelBindingPolicy.Prefer, false)]
    [InlineData(true, ChannelBindingPolicy.Prefer, true)]
    [InlineData(true, ChannelBindingPolicy.Require, true)]
    [InlineData(true, ChannelBindingPolicy.Disable, false)]
    public async Task A_server_accepts_our_SCRAM_with_and_without_channel_binding(bool tls, ChannelBindingPolicy policy, bool isBound)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port, tls ? fixture.Server.CaFile : null);
        await client.LogInAsync(PostgresServer.Superuser, fixture.Server.Password, "postgres", ProtocolVersion.V30, policy);
        client.Scram!.IsChannelBound.ShouldBe(isBound);
        client.CancelKey!.Secret.Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_server_refuses_a_wrong_password()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port);
        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => client.LogInAsync(PostgresServer.Superuser, "wrong", "postgres", ProtocolVersion.V30, ChannelBindingPolicy.Prefer));
        failure.Message.ShouldStartWith(SqlStates.InvalidPassword);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9999)]
    public async Task A_server_negotiates_as_we_do(ushort minor)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Server.Host, fixture.Server.Port);
        await client.LogInAsync(PostgresServer.Superuser, fixture.Server.Password, "postgres", new ProtocolVersion(3, minor), ChannelBindingPolicy.Prefer);
        var speaks32 = fixture.Server.Major >= 18;
        client.CancelKey!.Secret.Length.ShouldBe(speaks32 ? 32 : 4);
        if (minor == 9999 || !speaks32)
            client.NegotiatedVersion.ShouldBe(speaks32 ? ProtocolVersion.V32 : ProtocolVersion.V30);
        else
            client.NegotiatedVersion.ShouldBeNull();
    }

    [Theory]
    [InlineData("pencil")]
    [InlineData("p\u00e4ssw\u00f6rd")]
    [InlineData("\u65e5\u672c")]
    [InlineData("tab\tand space ")]
    [InlineData("a\u00a0b\u00adc")]
    [InlineData("\u00ad")]
    [InlineData("\ufb01\u2168\u00aa\u212b")]
    [InlineData("e\u0301q\u0307\u0323\u1100\u1161\u11a8")]
    [InlineData("\u0627\u0628")]
    [InlineData("\u0627\ufb01")]
    [InlineData("\u0085\ufb01")]
    [InlineData("\ud83d\ude00\ufb01")]
    [InlineData("\u200b\u3000\uff21")]
    public async Task Verifiers_made_here_are_those_the_server_makes(string password)
    {
        await using var connection = new Npgsql.NpgsqlConnection(fixture.Server.ConnectionString("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            DROP ROLE IF EXISTS verifier;
            CREATE ROLE verifier PASSWORD '{password}';
            SELECT rolpassword FROM pg_authid WHERE rolname = 'verifier'
            """;
        var text = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        var verifier = ScramVerifier.Parse(text);
        ScramVerifier.Create(password, verifier.Salt, verifier.Iterations).Format().ShouldBe(text);
    }
}
