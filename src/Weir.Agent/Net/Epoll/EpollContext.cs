using Weir.Agent.Sessions;

namespace Weir.Agent.Net.Epoll;

/// <summary>What the handlers of all loops share.</summary>
/// <param name="Certificate">What clients are offered for TLS; null for no TLS.</param>
internal sealed record EpollContext(AgentServices Services, ConnectionLimits Limits, Func<ListenerCertificate?> Certificate, IStreamSessions Streams);
