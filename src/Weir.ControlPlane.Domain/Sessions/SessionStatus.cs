namespace Weir.ControlPlane.Domain.Sessions;

public enum SessionStatus
{
    Live,
    Ended,

    /// <summary>The agent does not know it any more and no seal has come (yet).</summary>
    Lost,
}
