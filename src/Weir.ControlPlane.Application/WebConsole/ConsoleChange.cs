namespace Weir.ControlPlane.Application.WebConsole;

/// <summary>Something changed.</summary>
/// <param name="Id">Of the changed thing; null when several may have changed, or for <see cref="ConsoleSubject.Everything"/>.</param>
public sealed record ConsoleChange(ConsoleSubject Subject, Guid? Id);
