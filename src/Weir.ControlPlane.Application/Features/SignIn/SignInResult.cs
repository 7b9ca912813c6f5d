using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.Features.SignIn;

/// <param name="Actor">Null when the sign-in failed; nothing tells why.</param>
public sealed record SignInResult(Actor? Actor);
