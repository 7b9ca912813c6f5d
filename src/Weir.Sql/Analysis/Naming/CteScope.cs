namespace Weir.Sql.Analysis.Naming;

/// <summary>The WITH names in sight; inner ones hide outer ones.</summary>
internal sealed class CteScope(CteScope? outer)
{
    private readonly Dictionary<string, CteBinding> _bindings = new(StringComparer.Ordinal);

    public void Bind(CteBinding binding) => _bindings[binding.Name] = binding;

    public CteBinding? Find(string name)
    {
        for (CteScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._bindings.TryGetValue(name, out CteBinding? binding))
                return binding;
        }

        return null;
    }

    private CteScope? Outer => outer;
}
