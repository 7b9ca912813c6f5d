namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A server of a test class's own, for what would get in the way of other tests: extensions, locks of a whole database.</summary>
public sealed class OwnServer : IAsyncDisposable
{
    public SampleServer Server { get; } = new();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
