namespace Weir.ControlPlane.Domain.Sessions;

/// <summary>What the hash chain of a recording says. What was once found broken stays so.</summary>
public enum RecordingIntegrity
{
    Intact,
    Broken,
}
