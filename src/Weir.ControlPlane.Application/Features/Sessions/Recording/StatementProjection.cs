namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>What a batch says about one statement.</summary>
internal sealed class StatementProjection(Guid sessionId, long number)
{
    public Guid SessionId { get; } = sessionId;

    public long Number { get; } = number;

    public DateTimeOffset At { get; private set; }

    public RecordedBody.Statement? Received { get; private set; }

    public RecordedBody.Finished? Finished { get; private set; }

    public Guid? ReviewId { get; private set; }

    public void Add(RecordedEvent recorded)
    {
        switch (recorded.Body)
        {
            case RecordedBody.Statement statement:
                Received = statement;
                At = recorded.At;
                break;
            case RecordedBody.Finished finished:
                Finished = finished;
                break;
            case RecordedBody.Review review:
                ReviewId = review.ReviewId;
                break;
        }
    }

    public static long? NumberOf(RecordedBody? body) => body switch
    {
        RecordedBody.Statement s => s.Number,
        RecordedBody.Finished f => f.Number,
        RecordedBody.Review r => r.Number,
        _ => null,
    };
}
