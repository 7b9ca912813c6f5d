using System.Threading.Channels;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>Passes messages to the connection that there is now, if there is one.</summary>
internal sealed class LinkOutbox : ILinkSender
{
    private volatile ChannelWriter<AgentMessage>? _current;

    public bool IsConnected => _current is not null;

    public bool TrySend(AgentMessage message) => _current?.TryWrite(message) ?? false;

    public void Connect(ChannelWriter<AgentMessage> connection) => _current = connection;

    public void Disconnect() => _current = null;
}
