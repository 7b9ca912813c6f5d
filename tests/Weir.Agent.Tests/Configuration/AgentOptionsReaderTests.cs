using System.Net;
using System.Net.Sockets;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class AgentOptionsReaderTests
{
    private static Dictionary<string, string> Least() => new()
    {
        ["WEIR_CONTROL_PLANE_URL"] = "https://weir.example.com:8081",
        ["WEIR_AGENT_DATA_DIR"] = "/var/lib/weir-agent",
    };

    [Fact]
    public void The_least_configuration_gives_the_documented_defaults()
    {
        var options = AgentOptionsReader.Read(Least());
        options.Listen.ShouldBe([new IPEndPoint(IPAddress.Loopback, 6433)]);
        options.SpoolBytes.ShouldBe(256 * 1024 * 1024);
        options.SpoolDurability.ShouldBe(SpoolDurability.Group);
        options.ChannelBinding.ShouldBeTrue();
        options.RequireTls.ShouldBeFalse();
        options.AllowPlaintext.ShouldBeFalse();
        options.StartupTimeout.ShouldBe(TimeSpan.FromSeconds(20));
        options.HealthListen.ShouldBeNull();
        options.UseLoops.ShouldBeTrue();
        options.Loops.ShouldBe(Math.Max(1, Environment.ProcessorCount / 4));
        options.EnrollmentToken.ShouldBeNull();
        options.ShouldBe(options with { Name = Environment.MachineName });
    }

    [Fact]
    public void Event_loops_can_be_switched_off()
    {
        var variables = Least();
        variables["WEIR_AGENT_DRIVER"] = "stream";
        AgentOptionsReader.Read(variables).UseLoops.ShouldBeFalse();
    }

    [Fact]
    public void Every_fault_is_reported_at_once_and_names_its_key()
    {
        var variables = new Dictionary<string, string>
        {
            ["WEIR_CONTROL_PLANE_URL"] = "ftp://weir.example.com",
            ["WEIR_AGENT_LISTEN"] = "127.0.0.1:notaport,unix:relative",
            ["WEIR_AGENT_SPOOL_BYTES"] = "17",
            ["WEIR_AGENT_REQUIRE_TLS"] = "maybe",
            ["WEIR_AGENT_SPOOL_DURABILITY"] = "always",
            ["WEIR_AGENT_LABELS"] = "env=prod,broken",
            ["WEIR_AGENT_TLS_CERT_FILE"] = "/nowhere/cert.pem",
        };
        var faults = Should.Throw<AgentOptionsException>(() => AgentOptionsReader.Read(variables)).Faults;
        string[] keys =
        [
            "WEIR_CONTROL_PLANE_URL", "WEIR_AGENT_DATA_DIR", "WEIR_AGENT_LISTEN", "WEIR_AGENT_SPOOL_BYTES", "WEIR_AGENT_REQUIRE_TLS",
            "WEIR_AGENT_SPOOL_DURABILITY", "WEIR_AGENT_LABELS", "WEIR_AGENT_TLS_CERT_FILE", "WEIR_AGENT_TLS_KEY_FILE",
        ];
        foreach (var key in keys)
            faults.ShouldContain(f => f.StartsWith(key + ":", StringComparison.Ordinal), key);
        faults.Count(f => f.StartsWith("WEIR_AGENT_LISTEN:", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Theory]
    [InlineData("WEIR_AGENT_SPOOL_BITES")]
    [InlineData("WEIR_ENROLLMENT_TOCKEN")]
    public void An_unknown_key_is_a_fault_that_names_it(string key)
    {
        var variables = Least();
        variables[key] = "1";
        Should.Throw<AgentOptionsException>(() => AgentOptionsReader.Read(variables)).Faults.ShouldBe([$"{key}: is not a known key"]);
    }

    [Fact]
    public void Several_addresses_of_every_kind_can_be_listened_on()
    {
        var variables = Least();
        variables["WEIR_AGENT_LISTEN"] = "0.0.0.0:1, [::1]:2 ,*:3,localhost:4,unix:/run/weir/.s.PGSQL.6433";
        AgentOptionsReader.Read(variables).Listen.ShouldBe(
        [
            new IPEndPoint(IPAddress.Any, 1),
            new IPEndPoint(IPAddress.IPv6Loopback, 2),
            new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 3),
            new IPEndPoint(IPAddress.Loopback, 4),
            new UnixDomainSocketEndPoint("/run/weir/.s.PGSQL.6433"),
        ]);
    }

    [Theory]
    [InlineData("1:6433")]
    [InlineData("::1:6433")]
    [InlineData("[127.0.0.1]:6433")]
    [InlineData("example.com:6433")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData(",")]
    public void An_address_that_is_not_certain_is_refused(string listen)
    {
        var variables = Least();
        variables["WEIR_AGENT_LISTEN"] = listen;
        Should.Throw<AgentOptionsException>(() => AgentOptionsReader.Read(variables)).Message.ShouldStartWith("WEIR_AGENT_LISTEN:");
    }

    [Fact]
    public void The_token_is_read_from_a_file_and_never_printed()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "token");
        File.WriteAllText(file, "tok-secret-1\n");
        var variables = Least();
        variables["WEIR_ENROLLMENT_TOKEN_FILE"] = file;
        var options = AgentOptionsReader.Read(variables);
        options.EnrollmentToken!.Reveal().ShouldBe("tok-secret-1");
        options.ToString().ShouldNotContain("tok-secret-1");
    }

    [Fact]
    public void A_token_and_a_token_file_together_are_refused_without_showing_the_token()
    {
        var variables = Least();
        variables["WEIR_ENROLLMENT_TOKEN"] = "tok-secret-2";
        variables["WEIR_ENROLLMENT_TOKEN_FILE"] = "/nowhere";
        var message = Should.Throw<AgentOptionsException>(() => AgentOptionsReader.Read(variables)).Message;
        message.ShouldContain("WEIR_ENROLLMENT_TOKEN_FILE");
        message.ShouldNotContain("tok-secret-2");
    }

    [Fact]
    public void A_token_file_that_is_gone_is_no_fault_because_an_enrolled_agent_needs_none()
    {
        var variables = Least();
        variables["WEIR_ENROLLMENT_TOKEN_FILE"] = "/nowhere/token";
        AgentOptionsReader.Read(variables).EnrollmentToken.ShouldBeNull();
    }
}
