/* Built from src/ by build.mjs. */
var e=class extends Error{constructor(o,n){super(n);this.reason=o}reason};export{e as a};
