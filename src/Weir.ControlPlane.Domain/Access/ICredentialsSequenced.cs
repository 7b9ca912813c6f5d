namespace Weir.ControlPlane.Domain.Access;

/// <summary>Travels to agents in the credentials delta: each change gets the organization's next credentials sequence.</summary>
public interface ICredentialsSequenced : ITenantOwned
{
    /// <summary>Sequence of the last change.</summary>
    long ChangedSequence { get; }

    void StampChange(long sequence);
}
