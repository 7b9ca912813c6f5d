using System.Threading.Channels;
using Weir.Agent.Link;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A control plane that only listens.</summary>
internal sealed class SentMessages : ILinkSender
{
    private readonly Channel<AgentMessage> _sent = Channel.CreateUnbounded<AgentMessage>();

    public bool TrySend(AgentMessage message) => _sent.Writer.TryWrite(message);

    /// <summary>The next review that is asked for; other messages are passed over.</summary>
    public async Task<ReviewRequest> NextReviewAsync() => (await NextAsync(AgentMessage.BodyOneofCase.ReviewRequest)).ReviewRequest;

    public async Task<AgentMessage> NextAsync(AgentMessage.BodyOneofCase kind)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var message = await _sent.Reader.ReadAsync(deadline.Token);
            if (message.BodyCase == kind)
                return message;
        }
    }

    public bool HasNothing => !_sent.Reader.TryPeek(out _);
}
