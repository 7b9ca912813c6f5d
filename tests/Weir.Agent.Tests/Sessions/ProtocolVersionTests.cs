using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Tests.Sessions;

public sealed class ProtocolVersionTests(SampleServer server) : IAsyncLifetime
{
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(0, 4)]
    [InlineData(2, 32)]
    public async Task Keys_to_cancel_are_as_long_as_the_version_has_them(ushort minor, int length)
    {
        await using var client = await LogInAsync(new ProtocolVersion(3, minor));

        client.Negotiated.ShouldBeNull();
        client.Key.Secret.Length.ShouldBe(length);
        await client.Query("SELECT pg_sleep(60)").SendAsync();
        // Wrong in its last byte, and cut to the length of the old version: nobody's.
        await client.CancelAsync(new CancelKey(client.Key.ProcessId, [.. client.Key.Secret[..^1], (byte)(client.Key.Secret[^1] ^ 1)]));
        if (length > 4)
            await client.CancelAsync(new CancelKey(client.Key.ProcessId, client.Key.Secret[..4]));
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts().ShouldBe(["T", "E:57014", "Z:I"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9999)]
    public async Task Greased_versions_and_options_are_answered_and_the_session_goes_on(ushort minor)
    {
        await using var client = await LogInAsync(new ProtocolVersion(3, minor), new("_pq_.test_protocol_negotiation", "x"), new("_pq_.other", ""));

        var (version, unknown) = client.Negotiated.ShouldNotBeNull();
        version.ShouldBe(minor < 2 ? new ProtocolVersion(3, minor) : ProtocolVersion.V32);
        unknown.ShouldBe(["_pq_.test_protocol_negotiation", "_pq_.other"]);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    private async Task<RawClient> LogInAsync(ProtocolVersion version, params KeyValuePair<string, string>[] parameters)
    {
        var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        client.Version = version;
        await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders", parameters);
        return client;
    }
}
