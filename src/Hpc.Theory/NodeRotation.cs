namespace Hpc.Theory;

/// <summary>How the nodes over centroid projections are moved into the complex plane.</summary>
internal enum NodeRotation
{
    /// <summary>Real nodes.</summary>
    None,

    /// <summary>h_c = tanh³ u_c: only saturated neurons move.</summary>
    Saturated,

    /// <summary>h_c = tanh u_c (tanh² u_c − tanh² u*)/(1 − tanh² u*): neurons below the maximum u* of s_c² move the other way.</summary>
    Turning,
}
