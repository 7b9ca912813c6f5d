using System.Collections.Immutable;
using Google.Protobuf;
using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Reviews;

/// <summary>
/// Keeps what a restarted agent must know about reviews even while the control plane is away: approvals that were not used, and those that were, so that none passes
/// twice. A row of records, each a row of length-delimited ReviewUpdate messages; of what is said about one review the last counts.
/// </summary>
internal sealed class ReviewFile(SealedLog log)
{
    private const int MaxLength = 1024 * 1024;

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ImmutableArray<ReviewUpdate> Load()
    {
        var reviews = new Dictionary<ByteString, ReviewUpdate>();
        try
        {
            foreach (var record in log.Read())
            {
                using var stream = new MemoryStream(record);
                while (stream.Position < stream.Length)
                {
                    var review = ReviewUpdate.Parser.ParseDelimitedFrom(stream);
                    reviews[review.ReviewId] = review;
                }
            }
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException("The stored reviews can't be read: " + exception.Message, exception);
        }

        return [.. reviews.Values];
    }

    /// <summary>These and no others.</summary>
    public void Save(IEnumerable<ReviewUpdate> reviews) => log.Rewrite(ToRecord(reviews));

    // Written on the thread of a held statement that goes on: it must not wait for the disk. It survives the death of the agent; only
    // a crash of the machine in the next seconds could bring a used approval back, and the control plane knows better by then.

    /// <summary>These besides, or instead of what was said about them before.</summary>
    /// <returns>False: the file has grown long; save what is in force instead.</returns>
    public bool TryAppend(IEnumerable<ReviewUpdate> reviews)
    {
        if (log.Length > MaxLength)
            return false;
        log.Append(ToRecord(reviews));
        return true;
    }

    private static byte[] ToRecord(IEnumerable<ReviewUpdate> reviews)
    {
        using var stream = new MemoryStream();
        foreach (var review in reviews)
            review.WriteDelimitedTo(stream);
        return stream.ToArray();
    }
}
