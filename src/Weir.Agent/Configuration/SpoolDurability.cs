namespace Weir.Agent.Configuration;

/// <summary>When a recorded event is safe from a crash of the machine. A crash of the agent alone loses nothing in either mode.</summary>
internal enum SpoolDurability
{
    /// <summary>On disk within 50 ms (group commit); a statement is forwarded at once.</summary>
    Group,

    /// <summary>On disk before the statement is forwarded.</summary>
    Strict,
}
