namespace Weir.Agent.Sessions.Holds;

/// <summary>A statement that is to be tried.</summary>
/// <param name="IsBind">It is prepared already, and this is the body of the client's Bind; otherwise its text as the client sent it.</param>
/// <param name="IsInside">The client is in a transaction.</param>
/// <param name="SampleOf">The table whose changed rows are to be shown, quoted; null for none.</param>
internal sealed record DryRunOrder(byte[] Sent, bool IsBind, bool IsInside, string? SampleOf);
