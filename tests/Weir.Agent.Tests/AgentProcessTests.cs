using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weir.Agent.Tests.Link;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Testing;
using Weir.Testing.Processes;

namespace Weir.Agent.Tests;

/// <summary>The agent as a process of its own: the built program, or the one that <c>WEIR_TEST_AGENT</c> names, such as the published Native AOT binary.</summary>
public sealed class AgentProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enrolls_serves_keeps_its_state_over_a_restart_and_ends_on_SIGTERM()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var directory = new TemporaryDirectory();
        var organization = Guid.NewGuid();
        var enrollments = 0;
        plane.Enroll = _ =>
        {
            enrollments++;
            return new EnrollResponse { AgentId = ContractMapping.ToBytes(Guid.NewGuid()), OrganizationId = ContractMapping.ToBytes(organization), Audience = "weir-agents" };
        };

        var health = FreePort.Next();
        var environment = Environment(plane, directory, health);
        environment["WEIR_ENROLLMENT_TOKEN"] = "tok-once-only";
        await using (var agent = Start(environment))
        {
            var link = await plane.NextLinkAsync();
            (await ReadyAsync(health)).ShouldBe(HttpStatusCode.ServiceUnavailable);
            await link.SendAsync(new ControlMessage { Snapshot = Snapshots.Make(organization, 3, Snapshots.Connection("orders")) });
            await link.ReceiveAsync(AgentMessage.BodyOneofCase.SnapshotAck);
            await link.SendAsync(new ControlMessage { Credentials = new CredentialsDelta { Sequence = 1, IsFull = true } });
            await link.ReceiveAsync(AgentMessage.BodyOneofCase.CredentialsAck);
            (await ReadyAsync(health)).ShouldBe(HttpStatusCode.OK);
            (await OffersTlsAsync(agent)).ShouldBeTrue();
            await agent.SignalAsync("TERM", Cancel);
            (await agent.WaitForExitAsync(Patience, Cancel)).ShouldBe(0);
            agent.Output.ShouldNotContain("tok-once-only");
        }

        // Without the token now, and without a control plane: what it knows is enough to be ready.
        environment.Remove("WEIR_ENROLLMENT_TOKEN");
        await plane.DisposeAsync();
        await using var restarted = Start(environment);
        await restarted.WaitForLineAsync(l => l.Contains("Listening on", StringComparison.Ordinal), Patience, Cancel);
        (await ReadyAsync(health)).ShouldBe(HttpStatusCode.OK);
        enrollments.ShouldBe(1);
        await restarted.SignalAsync("TERM", Cancel);
        (await restarted.WaitForExitAsync(Patience, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_wrong_configuration_ends_it_with_2_and_every_fault()
    {
        await using var agent = Start(new Dictionary<string, string?> { ["WEIR_AGENT_SPOOL_BYTES"] = "x" });
        (await agent.WaitForExitAsync(Patience, Cancel)).ShouldBe(2);
        agent.Output.ShouldContain("WEIR_CONTROL_PLANE_URL");
        agent.Output.ShouldContain("WEIR_AGENT_DATA_DIR");
        agent.Output.ShouldContain("WEIR_AGENT_SPOOL_BYTES");
    }

    [Fact]
    public async Task Without_a_good_token_it_ends_with_3_and_does_not_show_the_token()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var directory = new TemporaryDirectory();
        var environment = Environment(plane, directory, FreePort.Next());
        await using var none = Start(environment);
        (await none.WaitForExitAsync(Patience, Cancel)).ShouldBe(3);
        none.Output.ShouldContain("WEIR_ENROLLMENT_TOKEN");

        environment["WEIR_ENROLLMENT_TOKEN"] = "tok-stolen";
        await using var stolen = Start(environment);
        (await stolen.WaitForExitAsync(Patience, Cancel)).ShouldBe(3);
        stolen.Output.ShouldContain("unknown, used or expired");
        stolen.Output.ShouldNotContain("tok-stolen");
    }

    private static Dictionary<string, string?> Environment(FakeControlPlane plane, TemporaryDirectory directory, int health) => new()
    {
        ["WEIR_CONTROL_PLANE_URL"] = plane.Url.ToString(),
        ["WEIR_AGENT_DATA_DIR"] = Path.Combine(directory.Path, "data"),
        ["WEIR_AGENT_LISTEN"] = "127.0.0.1:0",
        ["WEIR_AGENT_HEALTH_LISTEN"] = $"127.0.0.1:{health}",
        ["WEIR_AGENT_SPOOL_BYTES"] = "16777216",
        ["WEIR_AGENT_DRAIN_TIMEOUT"] = "1",
    };

    private static BackgroundProcess Start(Dictionary<string, string?> environment) =>
        BackgroundProcess.Start(System.Environment.GetEnvironmentVariable("WEIR_TEST_AGENT") ?? Path.Combine(AppContext.BaseDirectory, "weir-agent"), [], environment);

    private static async Task<HttpStatusCode> ReadyAsync(int port)
    {
        using var client = new HttpClient();
        var answer = await Eventually.GetAsync(
            async () =>
            {
                try
                {
                    return await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), Cancel);
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            },
            Patience,
            "the health endpoint answers",
            Cancel);
        return answer.StatusCode;
    }

    // PostgreSQL manual, "Message Formats": SSLRequest is length 8 and code 80877103; the answer is one byte.
    private static async Task<bool> OffersTlsAsync(BackgroundProcess agent)
    {
        var line = await agent.WaitForLineAsync(l => l.Contains("Listening on", StringComparison.Ordinal), Patience, Cancel);
        var port = int.Parse(line[(line.LastIndexOf(':') + 1)..].Trim(), CultureInfo.InvariantCulture);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
        await socket.SendAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, Cancel);
        var answer = new byte[1];
        await socket.ReceiveAsync(answer, Cancel);
        return answer[0] == (byte)'S';
    }
}
