namespace Weir.Agent.Recording;

/// <summary>One step of a review.</summary>
internal readonly record struct ReviewMoment(Guid ReviewId, ReviewStep Step, string Comment = "", string DecidedBy = "");
