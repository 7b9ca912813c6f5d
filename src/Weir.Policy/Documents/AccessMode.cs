namespace Weir.Policy.Documents;

public enum AccessMode
{
    Standing,
    Request,
}
