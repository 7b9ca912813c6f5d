using System.Collections;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Tests.Configuration;

public sealed class ServerOptionsTests
{
    [Fact]
    public void Defaults_are_loopback_and_follow_the_ports()
    {
        var options = ServerOptions.FromEnvironment(new Hashtable { ["WEIR_DATABASE_URL"] = "postgresql://x", ["WEIR_HTTP_PORT"] = "9000" });

        options.Bind.ShouldBe(System.Net.IPAddress.Loopback);
        options.PublicUrl.ToString().ShouldBe("http://localhost:9000/");
        options.Oidc.ShouldBeNull();
    }

    [Fact]
    public void All_faults_are_told_at_once_by_their_keys_and_never_by_their_values()
    {
        var fault = Should.Throw<ConfigurationException>(() => ServerOptions.FromEnvironment(new Hashtable
        {
            ["WEIR_HTTP_PORT"] = "hunter2",
            ["WEIR_PUBLIC_URL"] = "ftp://hunter2",
            ["WEIR_OIDC_AUTHORITY"] = "https://login.example",
            ["WEIR_OIDC_CLEINT_ID"] = "hunter2",
        }));

        fault.Faults.Select(f => f.Split(':')[0]).ShouldBe(["WEIR_OIDC_CLEINT_ID", "WEIR_HTTP_PORT", "WEIR_DATABASE_URL", "WEIR_PUBLIC_URL", "WEIR_OIDC_CLIENT_ID"], ignoreOrder: true);
        fault.Message.ShouldNotContain("hunter2");
    }
}
