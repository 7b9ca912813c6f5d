namespace Weir.Agent.Recording;

/// <summary>A step of a review as a recording knows it; the names on the wire are the lower-case forms.</summary>
internal enum ReviewStep
{
    Opened,

    /// <summary>The statement joined a review that was open already.</summary>
    Joined,
    Approved,
    Rejected,
    Expired,

    /// <summary>The client does not wait any more; the review stays open.</summary>
    Abandoned,

    /// <summary>The approval was used.</summary>
    Consumed,
}
