namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Port to the contract in which agents write events.</summary>
public interface ISessionEventReader
{
    /// <param name="body">A serialized event, exactly as the agent hashed it.</param>
    /// <exception cref="FormatException">It is none, or a field has no meaning.</exception>
    RecordedEvent Read(ReadOnlyMemory<byte> body);
}
