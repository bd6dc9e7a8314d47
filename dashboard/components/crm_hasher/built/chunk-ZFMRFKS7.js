/* Built from src/ by build.mjs. */
var e=class extends Error{constructor(o,r){super(r);this.reason=o}reason};export{e as a};
