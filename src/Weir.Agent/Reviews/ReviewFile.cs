using System.Collections.Immutable;
using Google.Protobuf;
using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Reviews;

/// <summary>
/// Keeps what a restarted agent must know about reviews even while the control plane is away: approvals that were not used, and those that were, so that none passes
/// twice. A row of length-delimited ReviewUpdate messages.
/// </summary>
internal sealed class ReviewFile(SealedFile file)
{
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ImmutableArray<ReviewUpdate> Load()
    {
        if (file.Read() is not { } content)
            return [];
        var reviews = ImmutableArray.CreateBuilder<ReviewUpdate>();
        using var stream = new MemoryStream(content);
        try
        {
            while (stream.Position < stream.Length)
                reviews.Add(ReviewUpdate.Parser.ParseDelimitedFrom(stream));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException("The stored reviews can't be read: " + exception.Message, exception);
        }

        return reviews.ToImmutable();
    }

    public void Save(IEnumerable<ReviewUpdate> reviews)
    {
        using var stream = new MemoryStream();
        foreach (var review in reviews)
            review.WriteDelimitedTo(stream);

        // Written on the thread of a held statement that goes on: it must not wait for the disk. It survives the death of the agent; only
        // a crash of the machine in the next seconds could bring a used approval back, and the control plane knows better by then.
        file.Write(stream.ToArray(), isDurable: false);
    }
}
