using System.Collections.Frozen;
using System.Reflection;
using Mediator;

namespace Weir.ControlPlane.Application.Authorization;

/// <summary>The permission of every request, read once at start-up.</summary>
internal sealed class RequestPermissions
{
    private readonly FrozenDictionary<Type, Permission> _permissions;

    /// <exception cref="InvalidOperationException">A request declares no permission; all of them are named.</exception>
    public RequestPermissions(IEnumerable<Type> types)
    {
        var permissions = new Dictionary<Type, Permission>();
        var undeclared = new List<string>();
        foreach (var type in types.Where(t => t is { IsAbstract: false, IsInterface: false } && t.IsAssignableTo(typeof(IMessage))))
        {
            if (type.GetCustomAttribute<RequirePermissionAttribute>() is { } declared)
            {
                permissions.Add(type, declared.Permission);
            }
            else
            {
                undeclared.Add(type.FullName ?? type.Name);
            }
        }

        if (undeclared.Count > 0)
        {
            throw new InvalidOperationException($"These requests declare no permission: {string.Join(", ", undeclared)}");
        }

        _permissions = permissions.ToFrozenDictionary();
    }

    public static RequestPermissions OfApplication() => new(typeof(RequestPermissions).Assembly.GetTypes());

    public IReadOnlyCollection<Type> Requests => _permissions.Keys;

    /// <summary>Null for a type that is not known, which nobody may send.</summary>
    public Permission? Find(Type request) => _permissions.TryGetValue(request, out var permission) ? permission : null;
}
