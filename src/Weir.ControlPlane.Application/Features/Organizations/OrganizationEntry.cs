using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Organizations;

/// <summary>Finds the organization of somebody who signs in.</summary>
internal sealed class OrganizationEntry(OrganizationLookup lookup)
{
    /// <param name="name">Null where there is only one.</param>
    /// <returns>False when there is none of that name, or a name is needed.</returns>
    public async Task<bool> TryEnterAsync(string? name, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(name))
        {
            return await lookup.EnterByNameAsync(name.Trim().ToLowerInvariant(), cancellationToken);
        }

        if (await lookup.AllAsync(cancellationToken) is not [var only])
        {
            return false;
        }

        await lookup.EnterAsync(only, cancellationToken);
        return true;
    }
}
