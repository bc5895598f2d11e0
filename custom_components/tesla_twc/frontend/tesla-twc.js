/*! sources 6f3f6a53550914e5a6e04f84b811c0ef9969c0b704c37ecf662dcb63b1a10774 */
const C="tesla_twc",gt=new Set(["unavailable","unknown",""]);function J(t,e){const s=W(t,e),n=s===null?NaN:Number(s.state);return Number.isFinite(n)?n:null}function W(t,e){const s=e===void 0?void 0:t.states[e];return s===void 0||gt.has(s.state)?null:s}function ft(t,e,s){t.dispatchEvent(new CustomEvent(e,{bubbles:!0,composed:!0,detail:s}))}function Ye(t,e){ft(t,"hass-more-info",{entityId:e})}const _t={card_about:"Energistr\xF8m, beslutningen i ord, opladningstilstand, str\xF8mgr\xE6nse og tidligere opladninger",dashboard_about:"Et f\xE6rdigt betjeningspanel til dine ladebokse, biler og huset",flow:"Energistr\xF8m",sun:"Sol",grid:"Elnet",home:"Hus",battery:"Hjemmebatteri",surplus:"Overskud",from_to:"{from} til {to}: {power}",amps:"tr\xE6kker {drawn} A, tilbudt {offered} A",amps_drawn:"tr\xE6kker {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Biler {energy}",today_cars_sun:"heraf {energy} fra solen",terms:"Alle st\xF8rrelser",charges:"Opladninger",start:"Start",energy:"Energi",from_sun:"Fra solen",cost:"Pris",going_on:"nu",no_charges:"Ingen opladning endnu",no_list:"Listen over opladninger kan ikke l\xE6ses",no_connectors:"Ingen ladeboks har svaret endnu",lost:"Ingen forbindelse til Home Assistant",f_title:"Titel",f_connectors:"Ladebokse",f_connectors_help:"Alle, hvis ingen er valgt",f_show:"Hvad der vises",f_show_help:"Alt, hvis intet er valgt",f_sessions:"Antal opladninger",f_step:"Skyderens trin",decision:"Beslutning",mode:"Opladningstilstand",now:"Lad nu",ready:"Klar til {time}",ready_from:"senest fra {time}",ready_short:"{energy} vil mangle",limit:"Str\xF8mgr\xE6nse",view_charging:"Opladning",view_history:"Historik",view_house:"Hus og gr\xE6nser",cars:"Biler",days:"De seneste 30 dage",day:"De seneste 24 timer",fuse:"Hovedsikring",limits:"Gr\xE6nser",condition:"Tilstand"},yt={card_about:"Energiefluss, die Entscheidung in Worten, Lademodus, Ladestromgrenze und vergangene Ladevorg\xE4nge",dashboard_about:"Ein fertiges Dashboard f\xFCr deine Wallboxen, Autos und das Haus",flow:"Energiefluss",sun:"Sonne",grid:"Netz",home:"Haus",battery:"Hausbatterie",surplus:"\xDCberschuss",from_to:"{from} nach {to}: {power}",amps:"zieht {drawn} A, angeboten {offered} A",amps_drawn:"zieht {drawn} A",today:"Heute",today_sun:"Sonne {energy}",today_cars:"Autos {energy}",today_cars_sun:"davon {energy} von der Sonne",terms:"Alle Gr\xF6\xDFen",charges:"Ladevorg\xE4nge",start:"Beginn",energy:"Energie",from_sun:"Von der Sonne",cost:"Kosten",going_on:"jetzt",no_charges:"Noch kein Ladevorgang",no_list:"Die Liste der Ladevorg\xE4nge ist nicht lesbar",no_connectors:"Noch hat keine Wallbox geantwortet",lost:"Keine Verbindung zu Home Assistant",f_title:"Titel",f_connectors:"Wallboxen",f_connectors_help:"Alle, wenn keine gew\xE4hlt ist",f_show:"Was gezeigt wird",f_show_help:"Alles, wenn nichts gew\xE4hlt ist",f_sessions:"Anzahl der Ladevorg\xE4nge",f_step:"Schritte des Schiebereglers",decision:"Entscheidung",mode:"Lademodus",now:"Jetzt laden",ready:"Fertig bis {time}",ready_from:"sp\xE4testens ab {time}",ready_short:"{energy} werden fehlen",limit:"Ladestromgrenze",view_charging:"Laden",view_history:"Verlauf",view_house:"Haus und Grenzen",cars:"Autos",days:"Die letzten 30 Tage",day:"Die letzten 24 Stunden",fuse:"Hauptsicherung",limits:"Grenzen",condition:"Zustand"},Je={card_about:"Energy flow, the decision in words, charge mode, current limit and past charges",dashboard_about:"A finished dashboard for your wall connectors, cars and house",flow:"Energy flow",sun:"Sun",grid:"Grid",home:"House",battery:"House battery",surplus:"Surplus",from_to:"{from} to {to}: {power}",amps:"draws {drawn} A, offered {offered} A",amps_drawn:"draws {drawn} A",today:"Today",today_sun:"Sun {energy}",today_cars:"Cars {energy}",today_cars_sun:"of it {energy} from the sun",terms:"All terms",charges:"Charges",start:"Start",energy:"Energy",from_sun:"From the sun",cost:"Cost",going_on:"now",no_charges:"No charge yet",no_list:"The list of charges cannot be read",no_connectors:"No wall connector has answered yet",lost:"No connection to Home Assistant",f_title:"Title",f_connectors:"Wall connectors",f_connectors_help:"All of them, if none is chosen",f_show:"What is shown",f_show_help:"Everything, if nothing is chosen",f_sessions:"Number of charges",f_step:"Steps of the slider",decision:"Decision",mode:"Charge mode",now:"Charge now",ready:"Ready by {time}",ready_from:"from {time} at the latest",ready_short:"{energy} will be missing",limit:"Current limit",view_charging:"Charging",view_history:"History",view_house:"House and limits",cars:"Cars",days:"The last 30 days",day:"The last 24 hours",fuse:"Main fuse",limits:"Limits",condition:"Condition"},bt={card_about:"Flujo de energ\xEDa, la decisi\xF3n en palabras, modo de carga, l\xEDmite de corriente y cargas anteriores",dashboard_about:"Un panel completo para tus Wall Connector, coches y la casa",flow:"Flujo de energ\xEDa",sun:"Sol",grid:"Red",home:"Casa",battery:"Bater\xEDa dom\xE9stica",surplus:"Excedente",from_to:"De {from} a {to}: {power}",amps:"toma {drawn} A, ofrecidos {offered} A",amps_drawn:"toma {drawn} A",today:"Hoy",today_sun:"Sol {energy}",today_cars:"Coches {energy}",today_cars_sun:"de ellos {energy} del sol",terms:"Todas las magnitudes",charges:"Cargas",start:"Inicio",energy:"Energ\xEDa",from_sun:"Del sol",cost:"Coste",going_on:"ahora",no_charges:"A\xFAn no hay cargas",no_list:"No se puede leer la lista de cargas",no_connectors:"A\xFAn no ha respondido ning\xFAn Wall Connector",lost:"Sin conexi\xF3n con Home Assistant",f_title:"T\xEDtulo",f_connectors:"Wall Connector",f_connectors_help:"Todos, si no se elige ninguno",f_show:"Qu\xE9 se muestra",f_show_help:"Todo, si no se elige nada",f_sessions:"N\xFAmero de cargas",f_step:"Pasos del deslizador",decision:"Decisi\xF3n",mode:"Modo de carga",now:"Cargar ya",ready:"Listo a las {time}",ready_from:"desde las {time} como muy tarde",ready_short:"faltar\xE1n {energy}",limit:"L\xEDmite de corriente",view_charging:"Carga",view_history:"Historial",view_house:"Casa y l\xEDmites",cars:"Coches",days:"Los \xFAltimos 30 d\xEDas",day:"Las \xFAltimas 24 horas",fuse:"Interruptor general",limits:"L\xEDmites",condition:"Estado"},wt={card_about:"Flux d\u2019\xE9nergie, la d\xE9cision en mots, mode de charge, limite de courant et sessions pass\xE9es",dashboard_about:"Un tableau de bord complet pour vos bornes, vos voitures et la maison",flow:"Flux d\u2019\xE9nergie",sun:"Soleil",grid:"R\xE9seau",home:"Maison",battery:"Batterie domestique",surplus:"Surplus",from_to:"{from} vers {to} : {power}",amps:"prend {drawn} A, {offered} A propos\xE9s",amps_drawn:"prend {drawn} A",today:"Aujourd\u2019hui",today_sun:"Soleil {energy}",today_cars:"Voitures {energy}",today_cars_sun:"dont {energy} du soleil",terms:"Toutes les grandeurs",charges:"Sessions",start:"D\xE9but",energy:"\xC9nergie",from_sun:"Du soleil",cost:"Co\xFBt",going_on:"en cours",no_charges:"Aucune session pour l\u2019instant",no_list:"La liste des sessions est illisible",no_connectors:"Aucune borne n\u2019a encore r\xE9pondu",lost:"Pas de connexion \xE0 Home Assistant",f_title:"Titre",f_connectors:"Bornes",f_connectors_help:"Toutes, si aucune n\u2019est choisie",f_show:"Ce qui est affich\xE9",f_show_help:"Tout, si rien n\u2019est choisi",f_sessions:"Nombre de sessions",f_step:"Pas du curseur",decision:"D\xE9cision",mode:"Mode de charge",now:"Charger maintenant",ready:"Pr\xEAte \xE0 {time}",ready_from:"d\xE8s {time} au plus tard",ready_short:"il manquera {energy}",limit:"Limite de courant",view_charging:"Charge",view_history:"Historique",view_house:"Maison et limites",cars:"Voitures",days:"Les 30 derniers jours",day:"Les derni\xE8res 24 heures",fuse:"Disjoncteur g\xE9n\xE9ral",limits:"Limites",condition:"\xC9tat"},$t={card_about:"Flusso di energia, la decisione a parole, modalit\xE0 di ricarica, limite di corrente e ricariche passate",dashboard_about:"Una plancia completa per i tuoi Wall Connector, le auto e la casa",flow:"Flusso di energia",sun:"Sole",grid:"Rete",home:"Casa",battery:"Batteria domestica",surplus:"Eccedenza",from_to:"Da {from} a {to}: {power}",amps:"assorbe {drawn} A, offerti {offered} A",amps_drawn:"assorbe {drawn} A",today:"Oggi",today_sun:"Sole {energy}",today_cars:"Auto {energy}",today_cars_sun:"di cui {energy} dal sole",terms:"Tutte le grandezze",charges:"Ricariche",start:"Inizio",energy:"Energia",from_sun:"Dal sole",cost:"Costo",going_on:"in corso",no_charges:"Ancora nessuna ricarica",no_list:"L\u2019elenco delle ricariche non \xE8 leggibile",no_connectors:"Nessun Wall Connector ha ancora risposto",lost:"Nessun collegamento a Home Assistant",f_title:"Titolo",f_connectors:"Wall Connector",f_connectors_help:"Tutti, se non ne scegli nessuno",f_show:"Che cosa si mostra",f_show_help:"Tutto, se non scegli nulla",f_sessions:"Numero di ricariche",f_step:"Passi del cursore",decision:"Decisione",mode:"Modalit\xE0 di ricarica",now:"Carica subito",ready:"Pronta alle {time}",ready_from:"dalle {time} al pi\xF9 tardi",ready_short:"mancheranno {energy}",limit:"Limite di corrente",view_charging:"Ricarica",view_history:"Cronologia",view_house:"Casa e limiti",cars:"Auto",days:"Gli ultimi 30 giorni",day:"Le ultime 24 ore",fuse:"Interruttore generale",limits:"Limiti",condition:"Stato"},vt={card_about:"Energiflyt, beslutningen i ord, lademodus, str\xF8mgrense og tidligere ladinger",dashboard_about:"Et ferdig dashbord for ladeboksene, bilene og huset",flow:"Energiflyt",sun:"Sol",grid:"Str\xF8mnett",home:"Hus",battery:"Hjemmebatteri",surplus:"Overskudd",from_to:"{from} til {to}: {power}",amps:"trekker {drawn} A, tilbudt {offered} A",amps_drawn:"trekker {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Biler {energy}",today_cars_sun:"hvorav {energy} fra sola",terms:"Alle st\xF8rrelser",charges:"Ladinger",start:"Start",energy:"Energi",from_sun:"Fra sola",cost:"Kostnad",going_on:"n\xE5",no_charges:"Ingen lading enn\xE5",no_list:"Listen over ladinger kan ikke leses",no_connectors:"Ingen ladeboks har svart enn\xE5",lost:"Ingen forbindelse til Home Assistant",f_title:"Tittel",f_connectors:"Ladebokser",f_connectors_help:"Alle, hvis ingen er valgt",f_show:"Hva som vises",f_show_help:"Alt, hvis ingenting er valgt",f_sessions:"Antall ladinger",f_step:"Skyvebryterens trinn",decision:"Beslutning",mode:"Lademodus",now:"Lad n\xE5",ready:"Klar til {time}",ready_from:"senest fra {time}",ready_short:"{energy} vil mangle",limit:"Str\xF8mgrense",view_charging:"Lading",view_history:"Historikk",view_house:"Hus og grenser",cars:"Biler",days:"De siste 30 dagene",day:"De siste 24 timene",fuse:"Hovedsikring",limits:"Grenser",condition:"Tilstand"},At={card_about:"Energiestroom, de beslissing in woorden, laadmodus, stroomlimiet en eerdere laadsessies",dashboard_about:"Een kant-en-klaar dashboard voor je laadpalen, auto's en huis",flow:"Energiestroom",sun:"Zon",grid:"Net",home:"Huis",battery:"Thuisbatterij",surplus:"Overschot",from_to:"{from} naar {to}: {power}",amps:"neemt {drawn} A, aangeboden {offered} A",amps_drawn:"neemt {drawn} A",today:"Vandaag",today_sun:"Zon {energy}",today_cars:"Auto's {energy}",today_cars_sun:"waarvan {energy} van de zon",terms:"Alle grootheden",charges:"Laadsessies",start:"Begin",energy:"Energie",from_sun:"Van de zon",cost:"Kosten",going_on:"nu",no_charges:"Nog geen laadsessie",no_list:"De lijst met laadsessies is niet leesbaar",no_connectors:"Er heeft nog geen laadpaal geantwoord",lost:"Geen verbinding met Home Assistant",f_title:"Titel",f_connectors:"Laadpalen",f_connectors_help:"Allemaal, als er geen is gekozen",f_show:"Wat wordt getoond",f_show_help:"Alles, als er niets is gekozen",f_sessions:"Aantal laadsessies",f_step:"Stappen van de schuifregelaar",decision:"Beslissing",mode:"Laadmodus",now:"Nu laden",ready:"Klaar om {time}",ready_from:"uiterlijk vanaf {time}",ready_short:"{energy} zal ontbreken",limit:"Stroomlimiet",view_charging:"Laden",view_history:"Geschiedenis",view_house:"Huis en limieten",cars:"Auto's",days:"De laatste 30 dagen",day:"De laatste 24 uur",fuse:"Hoofdzekering",limits:"Limieten",condition:"Toestand"},xt={card_about:"Energifl\xF6de, beslutet i ord, laddl\xE4ge, str\xF6mgr\xE4ns och tidigare laddningar",dashboard_about:"En f\xE4rdig \xF6versiktspanel f\xF6r dina laddboxar, bilar och huset",flow:"Energifl\xF6de",sun:"Sol",grid:"Eln\xE4t",home:"Hus",battery:"Hembatteri",surplus:"\xD6verskott",from_to:"{from} till {to}: {power}",amps:"drar {drawn} A, erbjudet {offered} A",amps_drawn:"drar {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Bilar {energy}",today_cars_sun:"varav {energy} fr\xE5n solen",terms:"Alla storheter",charges:"Laddningar",start:"Start",energy:"Energi",from_sun:"Fr\xE5n solen",cost:"Kostnad",going_on:"nu",no_charges:"Ingen laddning \xE4n",no_list:"Listan \xF6ver laddningar kan inte l\xE4sas",no_connectors:"Ingen laddbox har svarat \xE4n",lost:"Ingen anslutning till Home Assistant",f_title:"Titel",f_connectors:"Laddboxar",f_connectors_help:"Alla, om ingen \xE4r vald",f_show:"Vad som visas",f_show_help:"Allt, om inget \xE4r valt",f_sessions:"Antal laddningar",f_step:"Skjutreglagets steg",decision:"Beslut",mode:"Laddl\xE4ge",now:"Ladda nu",ready:"Klar till {time}",ready_from:"senast fr\xE5n {time}",ready_short:"{energy} kommer att saknas",limit:"Str\xF6mgr\xE4ns",view_charging:"Laddning",view_history:"Historik",view_house:"Hus och gr\xE4nser",cars:"Bilar",days:"De senaste 30 dagarna",day:"De senaste 24 timmarna",fuse:"Huvuds\xE4kring",limits:"Gr\xE4nser",condition:"Tillst\xE5nd"},Ae={da:_t,de:yt,en:Je,es:bt,fr:wt,it:$t,nb:vt,nl:At,sv:xt};function te(t){return Ae[t]??Ae[t.split("-")[0]??""]??Je}function m(t,e,s={}){return St(te(t.language)[e],s)}function St(t,e){return t.replace(/\{(\w+)\}/g,(s,n)=>e[n]??s)}function ne(t,e,s,n){return t.localize(`component.${C}.entity.${e}.${s}.name`)||m(t,n)}const O="tesla-twc-card",j=["flow","today","decision","mode","limit","sessions"],Et={flow:"flow",today:"today",decision:"decision",mode:"mode",limit:"limit",sessions:"charges"},xe=5,kt=1;function Qe(t){const e=n=>n===void 0||Array.isArray(n);if(!e(t.wall_connectors)||!e(t.show))throw new Error("wall_connectors and show are lists");const s=(t.show??[]).find(n=>!j.includes(n));if(s!==void 0)throw new Error(`show knows ${j.join(", ")}, not ${s}`);for(const[n,r]of[["sessions",1],["step",1]]){const o=t[n];if(o!==void 0&&!(Number.isInteger(o)&&o>=r))throw new Error(`${n} is a whole number from ${r}`)}return t}function Ct(){const t=te(he()),e=j.map(n=>({value:n,label:t[Et[n]]})),s=(n,r)=>({number:{min:n,max:r,mode:"box"}});return{schema:[{name:"title",selector:{text:{}}},{name:"wall_connectors",selector:{device:{multiple:!0,entity:{integration:C,domain:"binary_sensor",device_class:"plug"}}}},{name:"show",selector:{select:{multiple:!0,mode:"list",options:e}}},{name:"sessions",selector:s(1,100)},{name:"step",selector:s(1,8)}],computeLabel:({name:n})=>t[Tt[n]??"f_title"],computeHelper:({name:n})=>n==="wall_connectors"?t.f_connectors_help:n==="show"?t.f_show_help:void 0,assertConfig:n=>{Qe(n)}}}const Tt={title:"f_title",wall_connectors:"f_connectors",show:"f_show",sessions:"f_sessions",step:"f_step"};function he(){return document.documentElement.lang||navigator.language}const K=globalThis,pe=K.ShadowRoot&&(K.ShadyCSS===void 0||K.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,me=Symbol(),Se=new WeakMap;let Xe=class{constructor(t,e,s){if(this._$cssResult$=!0,s!==me)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=t,this.t=e}get styleSheet(){let t=this.o;const e=this.t;if(pe&&t===void 0){const s=e!==void 0&&e.length===1;s&&(t=Se.get(e)),t===void 0&&((this.o=t=new CSSStyleSheet).replaceSync(this.cssText),s&&Se.set(e,t))}return t}toString(){return this.cssText}};const Mt=t=>new Xe(typeof t=="string"?t:t+"",void 0,me),Nt=(t,...e)=>{const s=t.length===1?t[0]:e.reduce((n,r,o)=>n+(i=>{if(i._$cssResult$===!0)return i.cssText;if(typeof i=="number")return i;throw Error("Value passed to 'css' function must be a 'css' function result: "+i+". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.")})(r)+t[o+1],t[0]);return new Xe(s,t,me)},Ot=(t,e)=>{if(pe)t.adoptedStyleSheets=e.map(s=>s instanceof CSSStyleSheet?s:s.styleSheet);else for(const s of e){const n=document.createElement("style"),r=K.litNonce;r!==void 0&&n.setAttribute("nonce",r),n.textContent=s.cssText,t.appendChild(n)}},Ee=pe?t=>t:t=>t instanceof CSSStyleSheet?(e=>{let s="";for(const n of e.cssRules)s+=n.cssText;return Mt(s)})(t):t,{is:Lt,defineProperty:Ht,getOwnPropertyDescriptor:Dt,getOwnPropertyNames:zt,getOwnPropertySymbols:Pt,getPrototypeOf:Ut}=Object,se=globalThis,ke=se.trustedTypes,Rt=ke?ke.emptyScript:"",It=se.reactiveElementPolyfillSupport,R=(t,e)=>t,ce={toAttribute(t,e){switch(e){case Boolean:t=t?Rt:null;break;case Object:case Array:t=t==null?t:JSON.stringify(t)}return t},fromAttribute(t,e){let s=t;switch(e){case Boolean:s=t!==null;break;case Number:s=t===null?null:Number(t);break;case Object:case Array:try{s=JSON.parse(t)}catch{s=null}}return s}},et=(t,e)=>!Lt(t,e),Ce={attribute:!0,type:String,converter:ce,reflect:!1,useDefault:!1,hasChanged:et};Symbol.metadata??=Symbol("metadata"),se.litPropertyMetadata??=new WeakMap;let H=class extends HTMLElement{static addInitializer(t){this._$Ei(),(this.l??=[]).push(t)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(t,e=Ce){if(e.state&&(e.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(t)&&((e=Object.create(e)).wrapped=!0),this.elementProperties.set(t,e),!e.noAccessor){const s=Symbol(),n=this.getPropertyDescriptor(t,s,e);n!==void 0&&Ht(this.prototype,t,n)}}static getPropertyDescriptor(t,e,s){const{get:n,set:r}=Dt(this.prototype,t)??{get(){return this[e]},set(o){this[e]=o}};return{get:n,set(o){const i=n?.call(this);r?.call(this,o),this.requestUpdate(t,i,s)},configurable:!0,enumerable:!0}}static getPropertyOptions(t){return this.elementProperties.get(t)??Ce}static _$Ei(){if(this.hasOwnProperty(R("elementProperties")))return;const t=Ut(this);t.finalize(),t.l!==void 0&&(this.l=[...t.l]),this.elementProperties=new Map(t.elementProperties)}static finalize(){if(this.hasOwnProperty(R("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(R("properties"))){const e=this.properties,s=[...zt(e),...Pt(e)];for(const n of s)this.createProperty(n,e[n])}const t=this[Symbol.metadata];if(t!==null){const e=litPropertyMetadata.get(t);if(e!==void 0)for(const[s,n]of e)this.elementProperties.set(s,n)}this._$Eh=new Map;for(const[e,s]of this.elementProperties){const n=this._$Eu(e,s);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(t){const e=[];if(Array.isArray(t)){const s=new Set(t.flat(1/0).reverse());for(const n of s)e.unshift(Ee(n))}else t!==void 0&&e.push(Ee(t));return e}static _$Eu(t,e){const s=e.attribute;return s===!1?void 0:typeof s=="string"?s:typeof t=="string"?t.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(t=>this.enableUpdating=t),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(t=>t(this))}addController(t){(this._$EO??=new Set).add(t),this.renderRoot!==void 0&&this.isConnected&&t.hostConnected?.()}removeController(t){this._$EO?.delete(t)}_$E_(){const t=new Map,e=this.constructor.elementProperties;for(const s of e.keys())this.hasOwnProperty(s)&&(t.set(s,this[s]),delete this[s]);t.size>0&&(this._$Ep=t)}createRenderRoot(){const t=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Ot(t,this.constructor.elementStyles),t}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(t=>t.hostConnected?.())}enableUpdating(t){}disconnectedCallback(){this._$EO?.forEach(t=>t.hostDisconnected?.())}attributeChangedCallback(t,e,s){this._$AK(t,s)}_$ET(t,e){const s=this.constructor.elementProperties.get(t),n=this.constructor._$Eu(t,s);if(n!==void 0&&s.reflect===!0){const r=(s.converter?.toAttribute!==void 0?s.converter:ce).toAttribute(e,s.type);this._$Em=t,r==null?this.removeAttribute(n):this.setAttribute(n,r),this._$Em=null}}_$AK(t,e){const s=this.constructor,n=s._$Eh.get(t);if(n!==void 0&&this._$Em!==n){const r=s.getPropertyOptions(n),o=typeof r.converter=="function"?{fromAttribute:r.converter}:r.converter?.fromAttribute!==void 0?r.converter:ce;this._$Em=n;const i=o.fromAttribute(e,r.type);this[n]=i??this._$Ej?.get(n)??i,this._$Em=null}}requestUpdate(t,e,s,n=!1,r){if(t!==void 0){const o=this.constructor;if(n===!1&&(r=this[t]),s??=o.getPropertyOptions(t),!((s.hasChanged??et)(r,e)||s.useDefault&&s.reflect&&r===this._$Ej?.get(t)&&!this.hasAttribute(o._$Eu(t,s))))return;this.C(t,e,s)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(t,e,{useDefault:s,reflect:n,wrapped:r},o){s&&!(this._$Ej??=new Map).has(t)&&(this._$Ej.set(t,o??e??this[t]),r!==!0||o!==void 0)||(this._$AL.has(t)||(this.hasUpdated||s||(e=void 0),this._$AL.set(t,e)),n===!0&&this._$Em!==t&&(this._$Eq??=new Set).add(t))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}const t=this.scheduleUpdate();return t!=null&&await t,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(const[n,r]of this._$Ep)this[n]=r;this._$Ep=void 0}const s=this.constructor.elementProperties;if(s.size>0)for(const[n,r]of s){const{wrapped:o}=r,i=this[n];o!==!0||this._$AL.has(n)||i===void 0||this.C(n,void 0,r,i)}}let t=!1;const e=this._$AL;try{t=this.shouldUpdate(e),t?(this.willUpdate(e),this._$EO?.forEach(s=>s.hostUpdate?.()),this.update(e)):this._$EM()}catch(s){throw t=!1,this._$EM(),s}t&&this._$AE(e)}willUpdate(t){}_$AE(t){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(t)),this.updated(t)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(t){return!0}update(t){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(t){}firstUpdated(t){}};H.elementStyles=[],H.shadowRootOptions={mode:"open"},H[R("elementProperties")]=new Map,H[R("finalized")]=new Map,It?.({ReactiveElement:H}),(se.reactiveElementVersions??=[]).push("2.1.2");const ge=globalThis,Te=t=>t,Q=ge.trustedTypes,Me=Q?Q.createPolicy("lit-html",{createHTML:t=>t}):void 0,tt="$lit$",k=`lit$${Math.random().toFixed(9).slice(2)}$`,nt="?"+k,Wt=`<${nt}>`,L=document,B=()=>L.createComment(""),F=t=>t===null||typeof t!="object"&&typeof t!="function",fe=Array.isArray,jt=t=>fe(t)||typeof t?.[Symbol.iterator]=="function",ie=`[ 	
\f\r]`,U=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Ne=/-->/g,Oe=/>/g,T=RegExp(`>|${ie}(?:([^\\s"'>=/]+)(${ie}*=${ie}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Le=/'/g,He=/"/g,st=/^(?:script|style|textarea|title)$/i,rt=t=>(e,...s)=>({_$litType$:t,strings:e,values:s}),p=rt(1),ot=rt(2),z=Symbol.for("lit-noChange"),h=Symbol.for("lit-nothing"),De=new WeakMap,N=L.createTreeWalker(L,129);function it(t,e){if(!fe(t)||!t.hasOwnProperty("raw"))throw Error("invalid template strings array");return Me!==void 0?Me.createHTML(e):e}const Bt=(t,e)=>{const s=t.length-1,n=[];let r,o=e===2?"<svg>":e===3?"<math>":"",i=U;for(let l=0;l<s;l++){const a=t[l];let c,d,u=-1,f=0;for(;f<a.length&&(i.lastIndex=f,d=i.exec(a),d!==null);)f=i.lastIndex,i===U?d[1]==="!--"?i=Ne:d[1]!==void 0?i=Oe:d[2]!==void 0?(st.test(d[2])&&(r=RegExp("</"+d[2],"g")),i=T):d[3]!==void 0&&(i=T):i===T?d[0]===">"?(i=r??U,u=-1):d[1]===void 0?u=-2:(u=i.lastIndex-d[2].length,c=d[1],i=d[3]===void 0?T:d[3]==='"'?He:Le):i===He||i===Le?i=T:i===Ne||i===Oe?i=U:(i=T,r=void 0);const _=i===T&&t[l+1].startsWith("/>")?" ":"";o+=i===U?a+Wt:u>=0?(n.push(c),a.slice(0,u)+tt+a.slice(u)+k+_):a+k+(u===-2?l:_)}return[it(t,o+(t[s]||"<?>")+(e===2?"</svg>":e===3?"</math>":"")),n]};class G{constructor({strings:e,_$litType$:s},n){let r;this.parts=[];let o=0,i=0;const l=e.length-1,a=this.parts,[c,d]=Bt(e,s);if(this.el=G.createElement(c,n),N.currentNode=this.el.content,s===2||s===3){const u=this.el.content.firstChild;u.replaceWith(...u.childNodes)}for(;(r=N.nextNode())!==null&&a.length<l;){if(r.nodeType===1){if(r.hasAttributes())for(const u of r.getAttributeNames())if(u.endsWith(tt)){const f=d[i++],_=r.getAttribute(u).split(k),w=/([.?@])?(.*)/.exec(f);a.push({type:1,index:o,name:w[2],strings:_,ctor:w[1]==="."?Gt:w[1]==="?"?qt:w[1]==="@"?Vt:re}),r.removeAttribute(u)}else u.startsWith(k)&&(a.push({type:6,index:o}),r.removeAttribute(u));if(st.test(r.tagName)){const u=r.textContent.split(k),f=u.length-1;if(f>0){r.textContent=Q?Q.emptyScript:"";for(let _=0;_<f;_++)r.append(u[_],B()),N.nextNode(),a.push({type:2,index:++o});r.append(u[f],B())}}}else if(r.nodeType===8)if(r.data===nt)a.push({type:2,index:o});else{let u=-1;for(;(u=r.data.indexOf(k,u+1))!==-1;)a.push({type:7,index:o}),u+=k.length-1}o++}}static createElement(e,s){const n=L.createElement("template");return n.innerHTML=e,n}}function P(t,e,s=t,n){if(e===z)return e;let r=n!==void 0?s._$Co?.[n]:s._$Cl;const o=F(e)?void 0:e._$litDirective$;return r?.constructor!==o&&(r?._$AO?.(!1),o===void 0?r=void 0:(r=new o(t),r._$AT(t,s,n)),n!==void 0?(s._$Co??=[])[n]=r:s._$Cl=r),r!==void 0&&(e=P(t,r._$AS(t,e.values),r,n)),e}class Ft{constructor(e,s){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=s}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){const{el:{content:s},parts:n}=this._$AD,r=(e?.creationScope??L).importNode(s,!0);N.currentNode=r;let o=N.nextNode(),i=0,l=0,a=n[0];for(;a!==void 0;){if(i===a.index){let c;a.type===2?c=new q(o,o.nextSibling,this,e):a.type===1?c=new a.ctor(o,a.name,a.strings,this,e):a.type===6&&(c=new Kt(o,this,e)),this._$AV.push(c),a=n[++l]}i!==a?.index&&(o=N.nextNode(),i++)}return N.currentNode=L,r}p(e){let s=0;for(const n of this._$AV)n!==void 0&&(n.strings!==void 0?(n._$AI(e,n,s),s+=n.strings.length-2):n._$AI(e[s])),s++}}class q{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,s,n,r){this.type=2,this._$AH=h,this._$AN=void 0,this._$AA=e,this._$AB=s,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode;const s=this._$AM;return s!==void 0&&e?.nodeType===11&&(e=s.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,s=this){e=P(this,e,s),F(e)?e===h||e==null||e===""?(this._$AH!==h&&this._$AR(),this._$AH=h):e!==this._$AH&&e!==z&&this._(e):e._$litType$!==void 0?this.$(e):e.nodeType!==void 0?this.T(e):jt(e)?this.k(e):this._(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==h&&F(this._$AH)?this._$AA.nextSibling.data=e:this.T(L.createTextNode(e)),this._$AH=e}$(e){const{values:s,_$litType$:n}=e,r=typeof n=="number"?this._$AC(e):(n.el===void 0&&(n.el=G.createElement(it(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(s);else{const o=new Ft(r,this),i=o.u(this.options);o.p(s),this.T(i),this._$AH=o}}_$AC(e){let s=De.get(e.strings);return s===void 0&&De.set(e.strings,s=new G(e)),s}k(e){fe(this._$AH)||(this._$AH=[],this._$AR());const s=this._$AH;let n,r=0;for(const o of e)r===s.length?s.push(n=new q(this.O(B()),this.O(B()),this,this.options)):n=s[r],n._$AI(o),r++;r<s.length&&(this._$AR(n&&n._$AB.nextSibling,r),s.length=r)}_$AR(e=this._$AA.nextSibling,s){for(this._$AP?.(!1,!0,s);e!==this._$AB;){const n=Te(e).nextSibling;Te(e).remove(),e=n}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}}class re{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,s,n,r,o){this.type=1,this._$AH=h,this._$AN=void 0,this.element=e,this.name=s,this._$AM=r,this.options=o,n.length>2||n[0]!==""||n[1]!==""?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=h}_$AI(e,s=this,n,r){const o=this.strings;let i=!1;if(o===void 0)e=P(this,e,s,0),i=!F(e)||e!==this._$AH&&e!==z,i&&(this._$AH=e);else{const l=e;let a,c;for(e=o[0],a=0;a<o.length-1;a++)c=P(this,l[n+a],s,a),c===z&&(c=this._$AH[a]),i||=!F(c)||c!==this._$AH[a],c===h?e=h:e!==h&&(e+=(c??"")+o[a+1]),this._$AH[a]=c}i&&!r&&this.j(e)}j(e){e===h?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??"")}}class Gt extends re{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===h?void 0:e}}class qt extends re{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==h)}}class Vt extends re{constructor(e,s,n,r,o){super(e,s,n,r,o),this.type=5}_$AI(e,s=this){if((e=P(this,e,s,0)??h)===z)return;const n=this._$AH,r=e===h&&n!==h||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,o=e!==h&&(n===h||r);r&&this.element.removeEventListener(this.name,this,n),o&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}}class Kt{constructor(e,s,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=s,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){P(this,e)}}const Zt=ge.litHtmlPolyfillSupport;Zt?.(G,q),(ge.litHtmlVersions??=[]).push("3.3.3");const Yt=(t,e,s)=>{const n=s?.renderBefore??e;let r=n._$litPart$;if(r===void 0){const o=s?.renderBefore??null;n._$litPart$=r=new q(e.insertBefore(B(),o),o,void 0,s??{})}return r._$AI(t),r},_e=globalThis;class I extends H{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){const e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){const s=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Yt(s,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return z}}I._$litElement$=!0,I.finalized=!0,_e.litElementHydrateSupport?.({LitElement:I});const Jt=_e.litElementPolyfillSupport;Jt?.({LitElement:I}),(_e.litElementVersions??=[]).push("4.2.2");const at={type:`${C}/houses`},Qt=5e3;class Xt{constructor(e){this.host=e,this.houses=null,this.connection=null,this.unsubscribe=null,this.attempt=0,this.shown=!1,this.begin=async()=>{const s=++this.attempt;clearTimeout(this.later);try{const n=await this.connection?.subscribeMessage(({houses:r})=>this.take(s,r),at,{resubscribe:!1});s===this.attempt?this.unsubscribe=n??null:n?.().catch(()=>{})}catch{s===this.attempt&&(this.later=setTimeout(this.begin,Qt))}},e.addController(this)}follow(e){e.connection!==this.connection&&(this.stop(),this.connection=e.connection,this.start())}hostConnected(){this.shown=!0,this.start()}hostDisconnected(){this.shown=!1,this.stop()}start(){this.connection!==null&&this.shown&&(this.connection.addEventListener("ready",this.begin),this.begin())}stop(){this.connection?.removeEventListener("ready",this.begin),clearTimeout(this.later),this.attempt+=1,this.unsubscribe?.().catch(()=>{}),this.unsubscribe=null}take(e,s){e===this.attempt&&(this.houses=s,this.host.requestUpdate())}}async function en(t){return new Promise(e=>{let s,n=!1;const r=({houses:o})=>{n=!0,e(o),s?.().catch(()=>{})};t.connection.subscribeMessage(r,at,{resubscribe:!1}).then(o=>{s=o,n&&o().catch(()=>{})},()=>e([]))})}const tn=[["connectors",["plugged_in","charging_status","status"]],["cars",["connected_to"]],["buses",["connected","total_power"]],["shared",["default_mode","surplus_power","input_state"]]];function ye(t){const e=new Map;for(const n of Object.values(t.entities)){const r=n.device_id===void 0?void 0:t.devices[n.device_id];if(n.platform!==C||n.translation_key===void 0||r===void 0)continue;const o=e.get(r.id)??nn(r);e.set(r.id,o),o.its[n.translation_key]=n.entity_id,n.hidden===!0&&o.hidden.add(n.translation_key)}const s={buses:[],connectors:[],cars:[],shared:[]};for(const n of[...e.values()].sort((r,o)=>r.name.localeCompare(o.name,void 0,{numeric:!0}))){const r=tn.find(([,o])=>o.some(i=>i in n.its))?.[0];r!==void 0&&s[r].push(n)}return s.shared.length===0&&(s.shared=s.buses),s}function nn(t){return{device:t.id,name:t.name_by_user??t.name??"",entry:t.primary_config_entry??t.config_entries[0]??"",known:t.identifiers.find(([e])=>e===C)?.[1]??"",its:{},hidden:new Set}}function be(t,e,s){const n=t.states[s.its.car??""]?.attributes.recognised_car,r=e.cars.filter(o=>t.states[o.its.connected_to??""]?.state===s.name);return r.find(o=>o.name===n||o.entry===s.entry)??r[0]??null}function lt(t,e){return t.states[e.its.plugged_in??""]?.state==="on"}const sn={Wh:.001,kWh:1,MWh:1e3},rn=6e4,on=864e5,an=31,ln=366,Z=new Map;async function cn(t,e){const s=await Pe(t,an);return s.sessions.length>=e?s:Pe(t,ln)}function dn(t,e,s,n){const r={energy:0,energy_sun:0,...s.by_day[n]};for(const o of s.sessions.filter(({end:i})=>i===null)){const i=e.find(({name:l})=>l===o.wall_connector)?.its??{};r.energy+=ze(t,i.session_energy,o.start,o.energy),r.energy_sun+=ze(t,i.session_sun_energy,o.start,o.energy_sun)}return r.energy>0||n in s.by_day?r:null}function ze(t,e,s,n){const r=W(t,e),o=sn[String(r?.attributes.unit_of_measurement)],i=Date.parse(String(r?.attributes.last_reset));return r===null||o===void 0||!(Math.abs(i-Date.parse(s))<1e3)?0:Math.max(0,Number(r.state)*o-n)}function un(){Z.clear()}async function Pe(t,e){const s=Z.get(String(e));if(s!==void 0&&Date.now()-s.at<rn)return s.answer;const n=new Date(Date.now()-e*on).toISOString(),r=t.callService(C,"get_sessions",{start:n},void 0,!1,!0).then(({response:o})=>o);return Z.set(String(e),{at:Date.now(),answer:r}),r.catch(()=>Z.delete(String(e))),r}function X(t,e,s){const n={minimumFractionDigits:s,maximumFractionDigits:s};return new Intl.NumberFormat(t.locale.language,n).format(e)}function we(t,e){const s=Math.abs(e);return s<1e3?`${X(t,Math.round(s),0)} W`:`${X(t,s/1e3,1)} kW`}function D(t,e){return`${X(t,e,1)} kWh`}function ae(t,e){return X(t,e,e%1===0?0:1)}function ct(t,e){return new Intl.NumberFormat(t.locale.language,{style:"percent"}).format(e/100)}function hn(t,e){const s={style:"currency",currency:t.config.currency};return new Intl.NumberFormat(t.locale.language,s).format(e)}function pn(t,e){return new Intl.DateTimeFormat(t.locale.language,{day:"numeric",month:"short",...$e(t)}).format(new Date(e))}const dt={hour:"2-digit",minute:"2-digit"};function Ue(t,e){const s={...$e(t),timeZone:t.config.time_zone};return new Intl.DateTimeFormat(t.locale.language,s).format(new Date(e))}function mn(t,e){const{hour12:s}=$e(t),n=new Intl.DateTimeFormat(t.locale.language,{...dt,hour12:s,timeZone:"UTC"});return n.resolvedOptions().hour12?e.replace(/\b([01]\d|2[0-3]):([0-5]\d)\b/g,(r,o,i)=>n.format(Date.UTC(2e3,0,1,Number(o),Number(i)))):e}function $e(t){return{...dt,...Re(t)===void 0?{}:{timeZone:Re(t)},...t.locale.time_format==="24"?{hour12:!1}:t.locale.time_format==="12"?{hour12:!0}:{}}}function Re(t){return t.locale.time_zone==="server"?t.config.time_zone:void 0}function gn(t){return t.replace(/(\d) (?=(?:kWh|kW|W|A|%|s|h|min)(?![\p{L}\p{N}]))/gu,"$1\xA0")}const fn={follow_bus:"mdi:source-branch",off:"mdi:power",solar:"mdi:white-balance-sunny",solar_min:"mdi:weather-partly-cloudy",fast:"mdi:flash"},_n=new Set(["sentence","friendly_name","device_class","options","icon","attribution","restored"]);function yn(t,e,s,n,r,o,i){const l=lt(t,s)?be(t,e,s):null,a=l===null?s.name:`${s.name} \xB7 ${l.name}`,c=`h-${s.device}`,d=o?l?.name??s.name:a;return p`
    <section class="connector" aria-labelledby=${c}>
      <h3 id=${c} class=${o&&l===null?"unseen":""}>${d}</h3>
      ${n.has("decision")?bn(t,s):h}
      ${n.has("mode")?$n(t,s,a,i):h}
      ${n.has("limit")?An(t,s,a,r,i):h}
    </section>
  `}function bn(t,e){const s=W(t,e.its.decision)??W(t,e.its.status);if(s===null){const o=t.states[e.its.status??""];return o===void 0?h:p`<p class="sentence">${t.formatEntityState(o)}</p>`}const n=s.attributes.sentence,r=Object.entries(s.attributes).filter(([o,i])=>!_n.has(o)&&i!==null);return p`
    <p class="sentence">${typeof n=="string"?gn(mn(t,n)):t.formatEntityState(s)}</p>
    ${wn(t,s)}
    ${r.length===0?h:p`<details>
          <summary>${m(t,"terms")}</summary>
          <dl>
            ${r.map(([o])=>p`
                <div>
                  <dt>${t.formatEntityAttributeName(s,o)}</dt>
                  <dd>${t.formatEntityAttributeValue(s,o)}</dd>
                </div>
              `)}
          </dl>
        </details>`}
  `}function wn(t,e){const{ready_by:s,ready_energy:n,ready_begins:r,ready_short:o}=e.attributes;if(typeof s!="string"||typeof n!="number")return h;const i=[m(t,"ready",{time:Ue(t,s)}),D(t,n)];return typeof r=="string"&&i.push(m(t,"ready_from",{time:Ue(t,r)})),typeof o=="number"&&o>0&&i.push(m(t,"ready_short",{energy:D(t,o)})),p`<p class="departure"><ha-icon .icon=${"mdi:clock-end"} aria-hidden="true"></ha-icon> ${i.join(" \xB7 ")}</p>`}function $n(t,e,s,n){const r=t.states[e.its.charge_mode??""];if(r===void 0||e.hidden.has("charge_mode"))return h;const o=r.attributes.options??[],i=ne(t,"select","charge_mode","mode"),l=r.state==="unavailable";return p`
    <div class="modes" role="group" aria-label="${s}: ${i}">
      ${o.map(a=>p`
          <button
            type="button"
            class="mode"
            aria-pressed=${r.state===a?"true":"false"}
            ?disabled=${l}
            @click=${()=>n.setMode(r.entity_id,a)}
          >
            <ha-icon .icon=${fn[a]??"mdi:ev-station"} aria-hidden="true"></ha-icon>
            <span>${t.formatEntityState(r,a)}</span>
          </button>
        `)}
      ${vn(t,e,n)}
    </div>
  `}function vn(t,e,s){const n=t.states[e.its.charge_now??""];if(n===void 0||e.hidden.has("charge_now"))return h;const r=n.state==="on";return p`
    <button
      type="button"
      class="mode now"
      aria-pressed=${r?"true":"false"}
      ?disabled=${n.state==="unavailable"}
      @click=${()=>s.setSwitch(n.entity_id,!r)}
    >
      <ha-icon .icon=${r?"mdi:play-circle":"mdi:play-circle-outline"} aria-hidden="true"></ha-icon>
      <span>${ne(t,"switch","charge_now","now")}</span>
    </button>
  `}function An(t,e,s,n,r){const o=t.states[e.its.current_limit??""];if(o===void 0||e.hidden.has("current_limit"))return h;const i=ne(t,"number","current_limit","limit"),{min:l,max:a}=o.attributes,c=Number(o.state),d=r.wanted.get(o.entity_id)??(Number.isFinite(c)?c:l),u=o.state==="unavailable",f=(_,w)=>{const $=_.target.valueAsNumber;Number.isFinite($)&&r.setLimit(o.entity_id,Math.min(a,Math.max(l,Math.round($))),w)};return p`
    <div class="limit">
      <span class="title" aria-hidden="true">${i}</span>
      <input
        type="range"
        aria-label="${s}: ${i}"
        aria-valuetext="${d} A"
        min=${l}
        max=${a}
        step=${n}
        style="--at:${100*(d-l)/Math.max(1,a-l)}%"
        .value=${String(d)}
        ?disabled=${u}
        @input=${_=>f(_,!1)}
        @change=${_=>f(_,!0)}
      />
      <label class="figure">
        <span class="unseen">${s}: ${i}</span>
        <input
          type="number"
          inputmode="numeric"
          min=${l}
          max=${a}
          .value=${String(d)}
          ?disabled=${u}
          @change=${_=>f(_,!0)}
        />
        A
      </label>
    </div>
  `}const Ie=15;function xn(t,e){if(t===null||t.watts.grid===null&&t.watts.solar===null)return{sources:[],loads:e,ribbons:[]};const{grid:s,battery:n,solar:r}=t.watts,o=e.reduce((y,b)=>y+b.watts,0),i=new Map,{sun:l,home:a}=Sn(t,o);l!==null&&i.set(r===null?"surplus":"sun",l),n!==null&&i.set("battery",Math.max(0,-n)),s!==null&&i.set("grid",Math.max(0,s));const c=[...i].map(([y,b])=>({id:y,watts:b})),d=[],u=(y,b,x)=>{const S=Math.min(i.get(y)??0,x);return S>0&&(i.set(y,(i.get(y)??0)-S),d.push({from:y,to:b,watts:S})),x-S},f=r===null?"surplus":"sun";En(e,o,i,f,u);const _=[["home",a,[f,"battery","grid"]],["battery",n===null?null:Math.max(0,n),[f,"grid"]],["grid",s===null?null:Math.max(0,-s),[f,"battery"]]];for(const[y,b,x]of _)x.reduce((S,oe)=>u(oe,y,S),b??0);const w=_.flatMap(([y,b])=>b===null||y!=="home"&&b<Ie?[]:[{id:y,watts:b}]),$=new Set(w.map(({id:y})=>y));return{sources:c.filter(({id:y})=>!$.has(y)),loads:[...w,...e],ribbons:d.filter(({from:y,watts:b})=>b>=Ie&&!$.has(y))}}function Sn(t,e){const{grid:s,battery:n,solar:r,home:o}=t.watts;if(r!==null||s===null)return{sun:r,home:o};const i=e+(n??0)-s;return t.dark?{sun:0,home:o??Math.max(0,-i)}:i>0?{sun:i,home:null}:{sun:0,home:o??-i}}function En(t,e,s,n,r){const o=Math.min(s.get("grid")??0,e),i=Math.min(s.get("battery")??0,e-o);for(const l of t){const a=e>0?l.watts/e:0;r("grid",l.id,o*a),r("battery",l.id,i*a),r(n,l.id,Math.max(0,l.watts-(o+i)*a))}}const kn=72,We=8,Cn=44,Tn={sun:"mdi:solar-power-variant",surplus:"mdi:solar-power-variant",battery:"mdi:home-battery",grid:"mdi:transmission-tower",home:"mdi:home"};function Mn(t,e){const{hass:s,connectors:n,now:r}=t,o=n.map(a=>({id:a.device,watts:J(s,a.its.charging_power)??0})),i=xn(r,o),l=Math.max(i.sources.length,i.loads.length)*(kn+We)-We;return p`
    <section class="flow ${i.sources.length===0?"bare":""}" aria-label=${m(s,"flow")}>
      <div class="side" style="height:${l}px">
        ${i.sources.map(({id:a,watts:c})=>je(t,a,c,e))}
      </div>
      ${i.sources.length===0?h:Ln(t,i,l)}
      <div class="side" style="height:${l}px">
        ${i.loads.map(({id:a,watts:c})=>{const d=n.find(u=>u.device===a);return d===void 0?je(t,a,c,e):Nn(t,d,c,e)})}
      </div>
    </section>
  `}function je({hass:t,now:e},s,n,r){const o=e?.entities[s==="sun"||s==="surplus"?"solar":s]?.[0],i=s==="battery"&&e?.battery_soc!=null?p` · ${ct(t,e.battery_soc)}`:h;return ut(s,Tn[s]??"mdi:flash",m(t,s),p`${we(t,n)}${i}`,h,o===void 0?void 0:()=>Ye(r,o))}function Nn({hass:t,house:e,connectors:s},n,r,o){const{its:i}=n,l=lt(t,n),a=l?be(t,e,n):null,c=J(t,i.offered_current),d=J(t,i.charging_current),u=W(t,i.status)??(i.status===void 0?void 0:t.states[i.status]),f=Math.max(...s.map($=>On(t,$)),c??0,1),_=!l||d===null?"":c===null?m(t,"amps_drawn",{drawn:ae(t,d)}):m(t,"amps",{drawn:ae(t,d),offered:ae(t,c)}),w=i.charging_power??i.status;return ut(l?"car":"car idle",l?"mdi:car-electric":"mdi:ev-station",a?.name??n.name,r>=1?p`${we(t,r)}`:p`${u==null?"":t.formatEntityState(u)}`,p`${_===""?h:p`<span class="detail">${_}</span>`}<span class="bar" aria-hidden="true">
      <span class="offered" style="width:${100*(c??0)/f}%"></span>
      <span class="drawn" style="width:${100*(d??0)/f}%"></span>
    </span>`,w===void 0?void 0:()=>Ye(o,w))}function On(t,e){const s=t.states[e.its.current_limit??""]?.attributes.max;return typeof s=="number"?s:J(t,e.its.rated_current)??32}function ut(t,e,s,n,r,o){const i=p`
    <ha-icon .icon=${e} aria-hidden="true"></ha-icon>
    <span class="words"><span class="name">${s}</span><span class="value">${n}</span>${r}</span>
  `;return o===void 0?p`<div class="node ${t}">${i}</div>`:p`<button type="button" class="node ${t}" @click=${o}>${i}</button>`}function Ln({hass:t,house:e,connectors:s},n,r){const o=Hn(n),i=Fe(n.sources,r),l=Fe(n.loads,r),a=n.ribbons.map(d=>{const{from:u,to:f,watts:_}=d,w=v=>l.get(v.to)??0,$=v=>i.get(v.from)??0,y=o(_)/2,b=Be(d,n.ribbons.filter(v=>v.from===u),$(d),w,o),x=Be(d,n.ribbons.filter(v=>v.to===f),w(d),$,o),S=v=>`${b+v} C50,${b+v} 50,${x+v} 100,${x+v}`,oe=`C50,${x+y} 50,${b+y} 0,${b+y}Z`;return ot`
      <path class="ribbon ${u}" d="M0,${S(-y)} L100,${x+y} ${oe}" />
      <path class="current ${u}" d="M0,${S(0)}" />
    `}),c=d=>{const u=s.find(f=>f.device===d);return u===void 0?m(t,d):be(t,e,u)?.name??u.name};return p`
    <svg class="ribbons" viewBox="0 0 100 ${r}" preserveAspectRatio="none" style="height:${r}px" aria-hidden="true">
      ${a}
    </svg>
    <ul class="unseen">
      ${n.ribbons.map(({from:d,to:u,watts:f})=>{const _={from:c(d),to:c(u),power:we(t,f)};return p`<li>${m(t,"from_to",_)}</li>`})}
    </ul>
  `}function Be(t,e,s,n,r){const o=[...e].sort((a,c)=>n(a)-n(c)),i=e.reduce((a,c)=>a+r(c.watts),0),l=o.slice(0,o.indexOf(t)).reduce((a,c)=>a+r(c.watts),0);return s-i/2+l+r(t.watts)/2}function Hn(t){const e=Math.max(...[t.sources,t.loads].map(s=>s.reduce((n,r)=>n+r.watts,0)),1);return s=>Math.max(2,s/e*Cn)}function Fe(t,e){const s=e/t.length;return new Map(t.map(({id:n},r)=>[n,s*(r+.5)]))}function Dn(t,e,s,n,r){if(s===null)return h;const o=p`<h3 id="charges">${m(t,"charges")}</h3>`;if(s==="failed")return p`<section aria-labelledby="charges">${o}<p class="quiet">${m(t,"no_list")}</p></section>`;const i=new Set(e.map(c=>c.name)),l=s.sessions.filter(c=>!r||i.has(c.wall_connector)).sort((c,d)=>Date.parse(d.start)-Date.parse(c.start)).slice(0,n);if(l.length===0)return p`<section aria-labelledby="charges">${o}<p class="quiet">${m(t,"no_charges")}</p></section>`;const a=l.some(c=>c.cost!==null);return p`
    <section aria-labelledby="charges">
      ${o}
      <table aria-labelledby="charges">
        <thead>
          <tr>
            <th scope="col">${m(t,"start")}</th>
            <th scope="col">${ne(t,"select","car","cars")}</th>
            <th scope="col" class="figure">${m(t,"energy")}</th>
            <th scope="col" class="figure">${m(t,"from_sun")}</th>
            ${a?p`<th scope="col" class="figure">${m(t,"cost")}</th>`:h}
          </tr>
        </thead>
        <tbody>
          ${l.map(c=>zn(t,c,a))}
        </tbody>
      </table>
    </section>
  `}function zn(t,e,s){return p`
    <tr>
      <td>${pn(t,e.start)}${e.end===null?p` <em>(${m(t,"going_on")})</em>`:h}</td>
      <td>${e.car??e.wall_connector}</td>
      <td class="figure">${D(t,e.energy)}</td>
      <td class="figure">${e.sun_share===null?"\u2013":ct(t,e.sun_share)}</td>
      ${s?p`<td class="figure">${e.cost===null?"\u2013":hn(t,e.cost)}</td>`:h}
    </tr>
  `}const Pn=Nt`
  :host {
    display: block;
    container-type: inline-size;
    --sun: var(--energy-solar-color, #ff9800);
    --grid: var(--energy-grid-consumption-color, #488fc2);
    --battery: var(--energy-battery-out-color, #4db6ac);
    --cars: var(--primary-color, #03a9f4);
    --line: var(--divider-color, #e0e0e0);
  }
  ha-card {
    padding: 16px;
    display: flex;
    flex-direction: column;
    gap: 16px;
    color: var(--primary-text-color);
  }
  h2, h3, p, dl, dd, ul { margin: 0; }
  h2 { font-size: 1.4rem; font-weight: 400; line-height: 1.3; }
  h3 { font-size: 1rem; font-weight: 500; line-height: 1.4; }
  section { display: flex; flex-direction: column; gap: 8px; }
  .quiet { color: var(--secondary-text-color); }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    cursor: pointer;
    text-align: start;
  }
  button:disabled, input:disabled { cursor: default; opacity: 0.5; }
  :is(button, input, summary):focus-visible {
    outline: 2px solid var(--primary-text-color);
    outline-offset: 2px;
  }

  .flow {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(28px, 1fr) minmax(0, 3fr);
    gap: 0;
  }
  .flow.bare { grid-template-columns: 1fr; }
  .flow.bare .side:first-child { display: none; }
  .side { display: flex; flex-direction: column; justify-content: space-around; }
  .node {
    box-sizing: border-box;
    height: 72px;
    min-width: 0;
    padding: 4px 8px;
    display: flex;
    align-items: center;
    gap: 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
  }
  button.node:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .node ha-icon { flex: none; --mdc-icon-size: 22px; color: var(--secondary-text-color); }
  .node.sun, .node.surplus { border-color: var(--sun); }
  .node.grid { border-color: var(--grid); }
  .node.battery { border-color: var(--battery); }
  .node.car { border-color: var(--cars); }
  .node.idle { border-color: var(--line); }
  .words { min-width: 0; flex: 1; display: flex; flex-direction: column; line-height: 1.25; }
  .words .name, .words .value, .words .detail { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .words .name { font-size: 0.8rem; color: var(--secondary-text-color); }
  .words .value { font-size: 0.95rem; }
  .words .detail { font-size: 0.75rem; color: var(--secondary-text-color); }
  .bar { position: relative; height: 4px; margin-top: 3px; border-radius: 2px; background: var(--line); overflow: hidden; }
  .bar span { position: absolute; inset: 0 auto 0 0; border-radius: 2px; transition: width 0.6s; }
  .bar .offered { background: color-mix(in srgb, var(--cars) 35%, transparent); }
  .bar .drawn { background: var(--cars); }

  .ribbons { width: 100%; overflow: visible; }
  .ribbon { opacity: 0.35; fill: var(--from); }
  .ribbons .sun, .ribbons .surplus { --from: var(--sun); }
  .ribbons .grid { --from: var(--grid); }
  .ribbons .battery { --from: var(--battery); }
  .current {
    fill: none;
    stroke: var(--from);
    stroke-width: 2;
    vector-effect: non-scaling-stroke;
    stroke-dasharray: 6 14;
    animation: run 1.4s linear infinite;
  }
  @keyframes run { to { stroke-dashoffset: -20; } }

  .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.9rem; }
  .legend span::before {
    content: "";
    display: inline-block;
    width: 10px;
    height: 10px;
    margin-inline-end: 6px;
    border-radius: 3px;
    background: var(--sun);
  }
  .legend .cars::before { background: var(--cars); }
  .today { width: 100%; height: 80px; border-bottom: 1px solid var(--line); }
  .today .hour { stroke: var(--line); vector-effect: non-scaling-stroke; }
  .today .sun { fill: color-mix(in srgb, var(--sun) 45%, transparent); }
  .today .cars { fill: color-mix(in srgb, var(--cars) 70%, transparent); }
  .hours { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--secondary-text-color); }

  .connector + .connector { border-top: 1px solid var(--line); padding-top: 12px; }
  .sentence { line-height: 1.45; }
  .departure { font-size: 0.9rem; color: var(--secondary-text-color); }
  .departure ha-icon { --mdc-icon-size: 18px; }
  summary { cursor: pointer; font-size: 0.9rem; color: var(--secondary-text-color); padding: 4px 0; }
  dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 2px 24px; font-size: 0.85rem; }
  dl div { display: flex; justify-content: space-between; gap: 8px; border-bottom: 1px solid var(--line); padding: 3px 0; }
  dt { color: var(--secondary-text-color); }
  dd { text-align: end; }

  .modes { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .mode {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 4px;
    min-height: 56px;
    padding: 8px 4px;
    border: 1px solid var(--line);
    border-radius: 12px;
    font-size: 0.8rem;
    line-height: 1.2;
    text-align: center;
  }
  .mode ha-icon { --mdc-icon-size: 22px; }
  .mode:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .mode[aria-pressed="true"] {
    border-color: var(--cars);
    box-shadow: inset 0 0 0 1px var(--cars);
    background: color-mix(in srgb, var(--cars) 18%, transparent);
    font-weight: 500;
  }

  .limit { display: flex; align-items: center; gap: 12px; }
  .limit .title { flex: none; font-size: 0.9rem; }
  .limit input[type="range"] {
    flex: 1;
    min-width: 60px;
    height: 32px;
    margin: 0;
    appearance: none;
    background: none;
    cursor: pointer;
  }
  input[type="range"]::-webkit-slider-runnable-track {
    height: 8px;
    border-radius: 4px;
    background: linear-gradient(to right, var(--cars) var(--at), var(--line) var(--at));
  }
  input[type="range"]::-moz-range-track { height: 8px; border-radius: 4px; background: var(--line); }
  input[type="range"]::-moz-range-progress { height: 8px; border-radius: 4px; background: var(--cars); }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 22px;
    height: 22px;
    margin-top: -7px;
    border-radius: 50%;
    border: 3px solid var(--card-background-color, #fff);
    background: var(--cars);
    box-shadow: 0 0 0 1px var(--cars);
  }
  .limit .figure { flex: none; font-size: 0.95rem; }
  .limit input[type="number"] {
    width: 3.4em;
    padding: 6px;
    font: inherit;
    color: inherit;
    text-align: end;
    background: none;
    border: 1px solid var(--secondary-text-color);
    border-radius: 8px;
  }

  table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
  th { font-weight: 500; text-align: start; color: var(--secondary-text-color); }
  th, td { padding: 6px 4px; border-bottom: 1px solid var(--line); }
  tbody tr:last-child td { border-bottom: 0; }
  th.figure, td.figure { text-align: end; font-variant-numeric: tabular-nums; }

  @container (min-width: 560px) {
    .modes { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  }
  @container (max-width: 420px) {
    .limit { flex-wrap: wrap; }
    .limit .title { width: 100%; }
    .node { padding: 4px 6px; gap: 6px; }
    .flow { grid-template-columns: minmax(0, 2.2fr) minmax(22px, 0.8fr) minmax(0, 3.2fr); }
    th, td { padding: 6px 2px; font-size: 0.8rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    .current { animation: none; }
    .bar span { transition: none; }
  }
`,Un=3e5,de=288,M=80;async function Rn(t,e,s){const n=In(t);if(e.length+s.length===0)return{sun:[],cars:[]};const r=await t.callWS({type:"recorder/statistics_during_period",start_time:n.toISOString(),statistic_ids:[...e,...s],period:"5minute",types:["mean"],units:{power:"kW"}}),o=i=>{const l=new Array(de).fill(null);for(const{start:a,mean:c}of i.flatMap(d=>r[d]??[])){const d=Math.floor((a-n.getTime())/Un);d>=0&&d<de&&c!=null&&(l[d]=(l[d]??0)+c)}return l};return{sun:o(e),cars:o(s)}}function In(t){const e=new Date,s=new Intl.DateTimeFormat("en-GB",{timeZone:t.config.time_zone,timeStyle:"medium"}).format(e),[n=0,r=0,o=0]=s.split(":").map(Number),i=((n*60+r)*60+o)*1e3+e.getMilliseconds();return new Date(e.getTime()-i)}function Wn(t){return new Intl.DateTimeFormat("en-CA",{timeZone:t.config.time_zone}).format(new Date)}function jn(t,e,s){const n=e??{sun:[],cars:[]},r=Ge(n.sun),o=s?.energy??Ge(n.cars);if(r===null&&o===null)return h;const i=[r===null?"":m(t,"today_sun",{energy:D(t,r)}),o===null?"":m(t,"today_cars",{energy:D(t,o)}),s===null||s.energy<.05?"":m(t,"today_cars_sun",{energy:D(t,s.energy_sun)})];return p`
    <section aria-labelledby="today">
      <h3 id="today">${m(t,"today")}</h3>
      <p class="legend">
        ${i[0]?p`<span class="sun">${i[0]}</span>`:h}
        ${i[1]?p`<span class="cars">${i[1]}${i[2]?`, ${i[2]}`:""}</span>`:h}
      </p>
      ${Bn(n)}
    </section>
  `}function Ge(t){const e=t.filter(s=>s!==null);return e.length===0?null:e.reduce((s,n)=>s+n,0)/12}function Bn({sun:t,cars:e}){const s=Math.max(0,...[...t,...e].map(n=>n??0));return s<=0?h:p`
    <svg class="today" viewBox="0 0 ${de} ${M}" preserveAspectRatio="none" aria-hidden="true">
      ${[72,144,216].map(n=>ot`<line class="hour" x1=${n} x2=${n} y1="0" y2=${M} />`)}
      <path class="sun" d=${qe(t,s)} />
      <path class="cars" d=${qe(e,s)} />
    </svg>
    <div class="hours" aria-hidden="true"><span>0</span><span>6</span><span>12</span><span>18</span><span>24</span></div>
  `}function qe(t,e){let s="",n=null;return t.forEach((r,o)=>{if(r===null)return;const i=M-r/e*(M-2);(n===null||o-n>12)&&(s+=`${n===null?"":`L${n+1},${M}Z`}M${o},${M}`),s+=`L${o},${i.toFixed(1)}L${o+1},${i.toFixed(1)}`,n=o}),n===null?"":`${s}L${n+1},${M}Z`}const Fn=3e5,Gn=8e3;class qn extends I{constructor(){super(...arguments),this.feed=new Xt(this),this.house=null,this.list=null,this.today=null,this.plugged="",this.wanted=new Map,this.orders={wanted:this.wanted,setMode:(e,s)=>void this.act("select","select_option",e,{option:s}),setSwitch:(e,s)=>void this.act("switch",s?"turn_on":"turn_off",e,{}),setLimit:(e,s,n)=>this.setLimit(e,s,n)},this.dragging=!1}static{this.styles=Pn}static{this.properties={hass:{attribute:!1},config:{state:!0}}}static getConfigForm(){return Ct()}static getStubConfig(){return{show:[...j]}}setConfig(e){this.config=Qe(e),this.plugged=""}getCardSize(){return 4+3*this.connectors().length}getGridOptions(){return{columns:12,min_columns:6,rows:"auto"}}connectedCallback(){super.connectedCallback(),this.timer=setInterval(()=>void this.ask(),Fn)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.timer)}shouldUpdate(e){const s=e.get("hass"),n=this.hass;return!e.has("hass")||s===void 0||n===void 0||e.size>1||s.entities!==n.entities||s.devices!==n.devices||s.locale!==n.locale||s.localize!==n.localize||s.connected!==n.connected?!0:(this.house===null?[]:[...this.house.connectors,...this.house.cars]).some(({its:r})=>Object.values(r).some(o=>s.states[o]!==n.states[o]))}willUpdate(e){const{hass:s}=this;if(s===void 0||this.config===void 0)return;const n=e.get("hass");(this.house===null||n?.entities!==s.entities||n.devices!==s.devices)&&(this.house=ye(s)),(this.shown.has("flow")||this.shown.has("today"))&&this.feed.follow(s);for(const[r,o]of this.wanted)Number(s.states[r]?.state)===o&&!this.dragging&&this.wanted.delete(r);this.followPlugs(s)}followPlugs(e){const s=this.connectors().map(r=>e.states[r.its.plugged_in??""]?.state),n=JSON.stringify([s,this.sunSensors(),e.connected]);n!==this.plugged&&(this.plugged=n,un(),this.ask())}async ask(){const{hass:e,shown:s}=this;if(e===void 0||!e.connected||this.connectors().length===0||!s.has("sessions")&&!s.has("today"))return;const n=this.sunSensors(),r=this.connectors().flatMap(l=>l.its.charging_power??[]),[o,i]=await Promise.all([cn(e,this.config?.sessions??xe).catch(()=>"failed"),s.has("today")?Rn(e,n,r).catch(()=>null):null]);this.list=o,this.today=i,this.requestUpdate()}get shown(){const e=this.config?.show??[];return new Set(e.length===0?j:e)}connectors(){const e=this.house?.connectors??[],s=this.config?.wall_connectors??[];return s.length===0?e:e.filter(n=>s.includes(n.device))}houseNow(){const e=new Set(this.connectors().map(s=>s.entry));return this.feed.houses?.find(({entry_ids:s})=>s.some(n=>e.has(n)))??null}flowing(e){return e===null?this.connectors():(this.house?.connectors??[]).filter(s=>e.entry_ids.includes(s.entry))}sunSensors(){return this.houseNow()?.entities.solar??[]}setLimit(e,s,n){this.wanted.set(e,s),this.dragging=!n,this.requestUpdate(),n&&(this.act("number","set_value",e,{value:s}),setTimeout(()=>{!this.dragging&&this.wanted.get(e)===s&&(this.wanted.delete(e),this.requestUpdate())},Gn))}async act(e,s,n,r){try{await this.hass?.callService(e,s,r,{entity_id:n})}catch{this.wanted.delete(n),this.requestUpdate()}}render(){const{hass:e,house:s,config:n,shown:r}=this;if(e===void 0||s===null||n===void 0)return h;const o=this.connectors(),i=n.title?p`<h2>${n.title}</h2>`:h;if(o.length===0)return p`<ha-card>${i}<p class="quiet">${m(e,"no_connectors")}</p></ha-card>`;const l=r.has("decision")||r.has("mode")||r.has("limit"),a=n.step??kt,c=(n.wall_connectors??[]).length>0,d=c&&o.length===1&&!n.title,u=this.houseNow(),f=this.list==="failed"||c?null:this.list,_=f===null?null:dn(e,o,f,Wn(e));return p`
      <ha-card>
        ${i}
        ${e.connected?h:p`<p class="quiet" role="status">${m(e,"lost")}</p>`}
        ${r.has("flow")?Mn({hass:e,house:s,connectors:this.flowing(u),now:u},this):h}
        ${r.has("today")?jn(e,this.today,_):h}
        ${l?o.map(w=>yn(e,s,w,r,a,d,this.orders)):h}
        ${r.has("sessions")?Dn(e,o,this.list,n.sessions??xe,c):h}
      </ha-card>
    `}}const Vn=[500,2e3,5e3,15e3];function ht(t,e){Ve(t,e);for(const s of Vn)setTimeout(()=>Ve(t,e),s)}function Ve(t,e){if(customElements.get(t)===void 0)try{customElements.define(t,e)}catch{customElements.define(t,class extends e{})}}function pt(t,e){const s=window,n=s[t]??=[];n.some(r=>r.type===e.type)||n.push(e)}const Kn=["home-assistant","home-assistant-main","ha-panel-lovelace","hui-root"];function Zn(t){let e=null;for(const r of Kn)if(e=(e===null?document:e.shadowRoot??e).querySelector(r),e===null)return;const{rawConfig:s,config:n}=e?.lovelace??{};s?.strategy?.type===t&&n?.views?.[0]?.title==="Error"&&e?.dispatchEvent(new CustomEvent("config-refresh",{bubbles:!0,composed:!0}))}function Yn(t,e){const s=t.entities[e];if(s?.platform!==C)return null;const n=`custom:${O}`,{connectors:r}=ye(t),o=r.find(i=>i.device===s.device_id);return o===void 0?[{config:{type:n}}]:[{config:{type:n,wall_connectors:[o.device]}}]}function E(t,e){return e.length===0?null:{type:"grid",cards:[t,...e]}}function A(t,e,s=[]){return{type:"heading",heading:t,heading_style:"title",icon:e,...s.length===0?{}:{badges:s.map(n=>({type:"entity",entity:n}))}}}function g(t,e,{columns:s=12,feature:n,more:r={}}={}){return e.filter(o=>o in t.its&&!t.hidden.has(o)).map(o=>({type:"tile",entity:t.its[o],name:{type:"entity"},grid_options:{columns:s},...n===void 0?{}:{features:[n]},...r}))}function Y(t,e){return e.flatMap(s=>t.hidden.has(s)?[]:t.its[s]??[])}function ue(t){return t.filter(e=>e!==null)}const ee={type:"trend-graph",hours_to_show:6};function Jn(t,e,s){const n=[...Qn(e,s),...ue(e.connectors.map(es)),...ue(e.cars.map(ts))];return{title:m(t,"view_charging"),path:"charging",icon:"mdi:ev-station",type:"sections",max_columns:Math.min(4,Math.max(1,n.length)),dense_section_placement:!0,sections:n}}function Qn(t,e){if(t.connectors.length===0)return[{type:"grid",cards:[{type:`custom:${O}`},...t.buses.flatMap(n=>g(n,["connected"]))]}];const s=Xn(t.connectors,e);return s.map(n=>{const r=new Set(n.map(l=>l.entry)),o=t.shared.filter(l=>s.length===1||r.has(l.entry)),i=s.length===1?{}:{wall_connectors:n.map(l=>l.device)};return{type:"grid",cards:[{type:`custom:${O}`,show:["flow","today"],...i},...o.flatMap(l=>[...g(l,["default_mode"],{feature:{type:"select-options"}}),...g(l,["surplus_power"],{columns:6,feature:ee}),...g(l,["available_current"],{columns:6,feature:ee}),...g(l,["dimmed"])])]}})}function Xn(t,e){const s=new Map;for(const n of t){const r=e.findIndex(({entry_ids:o})=>o.includes(n.entry));s.set(r,[...s.get(r)??[],n])}return[...s.values()]}function es(t){const e={wall_connectors:[t.device]};return E(A(t.name,"mdi:ev-station",Y(t,["plugged_in","charging_power"])),[{type:`custom:${O}`,show:["decision","mode","limit"],...e},...g(t,["status"]),...g(t,["charging_current"],{columns:6,feature:ee}),...g(t,["offered_current"],{columns:6,feature:ee}),...g(t,["session_energy","session_sun_energy"]),...g(t,["charging_enabled"],{feature:{type:"toggle"}}),...g(t,["ready_by","ready_energy"],{columns:6}),...g(t,["ready_daily"],{feature:{type:"toggle"}}),...g(t,["car"],{feature:{type:"select-options"}})])}function ts(t){return E(A(t.name,"mdi:car-electric"),[...g(t,["connected_to"]),...g(t,["car_soc"],{feature:{type:"bar-gauge"}}),...g(t,["car_charge_mode"],{feature:{type:"select-options"}}),...g(t,["car_energy_today","car_energy_month","car_last_session_energy","car_sun_share"])])}const ns=[["sun","sun","#ff9800"],["battery","battery","#4db6ac"],["grid","grid","#488fc2"],["unknown",null,"#9e9e9e"]];async function ss(t,e){const s=await rs(t),n=[...e.connectors,...e.cars].flatMap(a=>os(t,a,s)),r=e.connectors.flatMap(a=>Y(a,["offered_current","charging_current"]).map(c=>({entity:c}))),o=[...e.shared.flatMap(a=>Y(a,["surplus_power"])),...e.connectors.flatMap(a=>Y(a,["charging_power"]))].map(a=>({entity:a})),i=a=>({type:"history-graph",hours_to_show:24,entities:a,grid_options:{columns:"full"}}),l=[{type:"grid",column_span:2,cards:[{type:`custom:${O}`,show:["sessions"],sessions:30,grid_options:{columns:"full"}}]},...n.length===0?[]:[{type:"grid",cards:[A(m(t,"days"),"mdi:chart-bar"),...n]}],{type:"grid",column_span:2,cards:[A(m(t,"day"),"mdi:chart-line"),...[r,o].filter(a=>a.length>0).map(a=>({...i(a),type:"history-graph"}))]}];return{title:m(t,"view_history"),path:"history",icon:"mdi:chart-bar",type:"sections",max_columns:3,sections:l}}async function rs(t){try{const e=await t.callWS({type:"recorder/list_statistic_ids",statistic_type:"sum"});return new Set(e.map(s=>s.statistic_id))}catch{return new Set}}function os(t,e,s){const n=ns.map(([r,o,i])=>({entity:`${C}:${e.known}_${r}`.toLowerCase(),color:i,...o===null?{}:{name:m(t,o)}})).filter(({entity:r})=>s.has(r));return n.length===0?[]:[{type:"statistics-graph",title:e.name,entities:n,days_to_show:30,period:"day",stat_types:["change"],chart_type:"bar"}]}const Ke={type:"numeric-input",style:"slider"},le={type:"numeric-input",style:"buttons"},Ze={type:"toggle"},V=6;function is(t,e,s){const n=e.shared.flatMap(a=>[...g(a,["reserve"],{feature:le}),...g(a,["start_grid_share"],{feature:Ke}),...g(a,["shadow"],{feature:Ze}),...g(a,["input_state","meter"],{columns:V}),...g(a,["check_meter"],{feature:{type:"button"}})]),r=e.shared.flatMap(a=>[...g(a,["battery_first_soc","battery_helps_soc"],{feature:Ke}),...g(a,["battery_discharge"],{feature:Ze})]),o=[...e.buses.flatMap(a=>[...g(a,["circuit_limit"],{feature:le}),...g(a,["total_current","total_power"],{columns:V})]),...e.shared.flatMap(a=>g(a,["ceiling_power","ceiling_current"],{columns:V}))],i=e.buses.flatMap(a=>g(a,["connected"])),l=ue([E(A(m(t,"surplus"),"mdi:solar-power-variant"),n),E(A(m(t,"battery"),"mdi:home-battery"),r),E(A(m(t,"fuse"),"mdi:fuse"),s.flatMap(as)),E(A(m(t,"limits"),"mdi:speedometer"),o),...e.connectors.map(a=>E(A(a.name,"mdi:ev-station"),[...g(a,["minimum_current","priority"],{feature:le}),...g(a,["problem","last_heard","bus_quality"],{columns:V}),...g(a,["lifetime_energy","firmware_version","contactor_closings"])])),E(A(m(t,"condition"),"mdi:heart-pulse"),i)]);return{title:m(t,"view_house"),path:"house",icon:"mdi:home-lightning-bolt",type:"sections",max_columns:4,sections:l}}function as({fuse:t,phases:e,entities:s}){return t===null?[]:(s.phases??[]).map((n,r)=>({type:"tile",entity:n,name:`L${r+1}`,grid_options:{columns:4},vertical:!0,...e[r]==null?{}:{features:[{type:"bar-gauge",min:0,max:t}]}}))}class ls extends HTMLElement{static{this.registryDependencies=["entities","devices"]}static{this.noEditor=!0}static async generate(e,s){const n=ye(s),r=await en(s),o=Jn(s,n,r);return n.connectors.length===0?{views:[o]}:{views:[o,await ss(s,n),is(s,n,r)]}}static getCreateSuggestions(){return{title:"Tesla Wall Connector",icon:"mdi:ev-station"}}}const mt="Tesla Wall Connector",ve="tesla-twc";ht(O,qn),ht(`ll-strategy-dashboard-${ve}`,ls),pt("customCards",{type:O,name:mt,preview:!0,get description(){return te(he()).card_about},getEntitySuggestion:Yn}),pt("customStrategies",{type:ve,strategyType:"dashboard",name:mt,get description(){return te(he()).dashboard_about}}),Zn(`custom:${ve}`);
