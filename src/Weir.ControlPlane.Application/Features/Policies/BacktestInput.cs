using Weir.ControlPlane.Domain.Principals;
using Weir.Policy.Access;
using Weir.Policy.Compilation;

namespace Weir.ControlPlane.Application.Features.Policies;

/// <summary>Everything a backtest needs from the database.</summary>
/// <param name="Total">Statements that were recorded, also those that can't be judged.</param>
internal sealed record BacktestInput(
    CompiledPolicy InForce,
    CompiledPolicy Proposed,
    IReadOnlyDictionary<PrincipalId, Policy.Access.Principal> Principals,
    IReadOnlyDictionary<Guid, Grant> Grants,
    IReadOnlyList<RecordedStatement> Texts,
    long Total);
