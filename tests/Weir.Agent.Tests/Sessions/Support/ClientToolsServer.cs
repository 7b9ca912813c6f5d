using System.Globalization;
using Weir.Testing.Processes;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A server as old as the installed pg_dump, which takes no newer one.</summary>
public sealed class ClientToolsServer : IAsyncLifetime
{
    public SampleServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var version = (await ProcessRunner.RunAsync("pg_dump", ["--version"], cancellationToken: TestContext.Current.CancellationToken)).EnsureSuccess().StandardOutput;
        var digits = version.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit);
        Server = new SampleServer(int.Parse(string.Concat(digits), CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
